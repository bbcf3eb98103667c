// Spare sockets without a kernel, for tests.
import { SocketAddress } from '../../src/address/socket-address.ts';
import { DESCRIPTOR_RESERVE, DescriptorBudget } from '../../src/io/descriptor-budget.ts';
import type { DescriptorHandler } from '../../src/io/driver.ts';
import type { Libc } from '../../src/io/libc.ts';
import { EPOLLHUP, EPOLLOUT, TCP_CLOSE } from '../../src/io/linux-constants.ts';
import { SpareSockets } from '../../src/io/spare-sockets.ts';
import type { SpareDriver } from '../../src/io/spare-sockets.ts';
import { testLibc } from './driver-needs.ts';
import { testShare } from './driver-pair.ts';

const SERVER = SocketAddress.parse('127.0.0.1:9');

/** A budget of so many descriptors. */
export function budgetOf(capacity: number): DescriptorBudget {
  return new DescriptorBudget({ limit: DESCRIPTOR_RESERVE + capacity, openAtStart: 0 });
}

/** Spare sockets of a driver and a kernel that do and say what they are told to. */
export class SpareModel {
  batch = 1;
  /** Who has a socket before it is kept, and after it is taken. */
  readonly user: DescriptorHandler = { ready: () => undefined };
  /** What the kernel says of every socket. */
  info = { state: TCP_CLOSE, options: 1, bytesAcked: 0n, bytesReceived: 0n, length: 136 };
  /** Whether the kernel lets no socket be disconnected. */
  refuses = false;
  disconnects = 0;
  readonly closed: number[] = [];
  readonly budget = budgetOf(1000);
  readonly handlers: (DescriptorHandler | undefined)[] = [];
  readonly #spares: SpareSockets;
  readonly #parameters = testShare().parameters;

  constructor() {
    const libc: Libc = {
      ...testLibc(),
      getsockopt: (_descriptor, _level, _name, value) => this.#tellInfo(value),
      connect: () => {
        this.disconnects++;
        return this.refuses ? -1 : 0;
      },
      close: (descriptor) => this.closed.push(descriptor),
    };
    const calls = { libc, parameters: this.#parameters };
    this.#spares = new SpareSockets(calls, this.#driver(), this.budget);
  }

  get count(): number {
    return this.#spares.count;
  }

  keep(slot = 0): boolean {
    return this.#spares.keep({ descriptor: 100 + slot, slot, remote: SERVER }, this.user);
  }

  /** The driver tells of a socket. */
  tell(slot = 0): void {
    this.handlers[slot]?.ready(EPOLLHUP | EPOLLOUT);
  }

  take(remote = SERVER): number | undefined {
    return this.#spares.take(remote, this.user)?.descriptor;
  }

  #driver(): SpareDriver {
    const hand = (slot: number, _from: DescriptorHandler, to: DescriptorHandler): void => {
      this.handlers[slot] = to;
    };
    const batch = (): number => this.batch;
    return {
      get batch() {
        return batch();
      },
      suspend: hand,
      resume: hand,
      forget: (slot) => {
        this.handlers[slot] = undefined;
      },
    };
  }

  #tellInfo(address: number): number {
    const { view, words, address: start } = this.#parameters;
    const at = address - start;
    view.setUint8(at, this.info.state);
    view.setUint8(at + 5, this.info.options);
    view.setBigUint64(at + 120, this.info.bytesAcked, true);
    view.setBigUint64(at + 128, this.info.bytesReceived, true);
    words[0] = this.info.length;
    return 0;
  }
}
