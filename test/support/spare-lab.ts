// Server connections one after the other on a driver with spare sockets, for tests.
import assert from 'node:assert/strict';
import { DescriptorBudget } from '../../src/io/descriptor-budget.ts';
import { DriverStream } from '../../src/io/driver-stream.ts';
import type { Libc } from '../../src/io/libc.ts';
import { SOL_SOCKET } from '../../src/io/linux-constants.ts';
import type { Listening } from '../../src/io/listener.ts';
import { StreamShare } from '../../src/io/stream-share.ts';
import type { ConnectRequest } from '../../src/session/outside.ts';
import type { Stream } from '../../src/session/stream.ts';
import { connectOnce, openPort, PortLog } from './driver-lab.ts';
import { testLibc } from './driver-needs.ts';
import { StreamRecorder, turns } from './stream-recorder.ts';

/** Which side ends first: the near one, whose socket is in question, or its server. */
export type FirstEnd = 'near' | 'far';

/** Both ends of a connection, each with what it says written down. */
export interface Both {
  /** Of the near end. */
  readonly descriptor: number;
  readonly near: StreamRecorder;
  readonly far: StreamRecorder;
  readonly farDescriptor: number;
}

/** What may be particular to the near side. */
export interface SpareLabOptions {
  readonly at?: string;
  readonly libc?: Libc;
  readonly budget?: DescriptorBudget;
}

/** Connections of one driver to a server that is on another one: only near ends can become spare sockets. */
export class SpareLab {
  readonly share: StreamShare;
  readonly port: Listening;
  readonly #log: PortLog;

  constructor(share: StreamShare, port: Listening, log: PortLog) {
    this.share = share;
    this.port = port;
    this.#log = log;
  }

  static async open(options: SpareLabOptions = {}): Promise<SpareLab> {
    const { at, libc = testLibc(), budget = DescriptorBudget.ofProcess() } = options;
    const far = new StreamShare(testLibc(), DescriptorBudget.ofProcess());
    const log = new PortLog();
    return new SpareLab(new StreamShare(libc, budget), await openPort(far, log, at), log);
  }

  async connect(request: Partial<ConnectRequest> = {}): Promise<Both> {
    const arrival = this.#log.next();
    const result = await connectOnce(this.share, { remote: this.port.address, ...request });
    assert.ok(result.ok, 'it is connected');
    const { stream } = await arrival;
    return {
      descriptor: descriptorOf(result.stream),
      near: listenTo('near', result.stream),
      far: listenTo('far', stream),
      farDescriptor: descriptorOf(stream),
    };
  }

  /** A connection from its beginning to its end; the descriptor that it had. */
  async once(request: Partial<ConnectRequest> = {}, first: FirstEnd = 'near'): Promise<number> {
    const both = await this.connect(request);
    await endBoth(both, first);
    await turns(3); // the driver tells of what is kept
    return both.descriptor;
  }

  close(): void {
    this.port.close();
    this.share.spares.clear();
    assert.equal(this.share.driver.count, 0);
  }
}

function descriptorOf(stream: Stream): number {
  assert.ok(stream instanceof DriverStream);
  return stream.socket;
}

function listenTo(name: string, stream: Stream): StreamRecorder {
  const recorder = new StreamRecorder(name, stream);
  recorder.listen();
  return recorder;
}

/** Ends one side, and then the other. */
export async function endBoth({ near, far }: Both, first: FirstEnd = 'near'): Promise<void> {
  const [one, other] = first === 'near' ? [near, far] : [far, near];
  one.end();
  await other.until('the end of the other side', () => other.hasEnded);
  other.end();
  await Promise.all([near.untilClosed(), far.untilClosed()]);
}

const SO_ATTACH_FILTER = 26;
const SO_DETACH_FILTER = 27;
const RETURN_CONSTANT = 0x06; // BPF_RET | BPF_K (linux/bpf_common.h)

/** Has a socket hear nothing more, as when all packets to it are lost (socket(7), SO_ATTACH_FILTER), or hear again. */
export function deafen({ libc, parameters }: StreamShare, descriptor: number, isDeaf = true): void {
  const { address, view } = parameters;
  const program = address + 64;
  view.setUint16(0, 1, true); // struct sock_fprog: how many instructions, and where
  view.setBigUint64(8, BigInt(program), true);
  view.setUint16(64, RETURN_CONSTANT, true); // struct sock_filter
  view.setUint16(66, 0);
  view.setUint32(68, 0); // so many bytes of the packet are let through
  const option = isDeaf ? SO_ATTACH_FILTER : SO_DETACH_FILTER;
  assert.equal(libc.setsockopt(descriptor, SOL_SOCKET, option, address, 16), 0);
}
