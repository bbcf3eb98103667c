// What goes out of a stream: in one piece where it can, in order always, and its end behind all of it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { needsDriver, testLibc } from '../../test/support/driver-needs.ts';
import { tcpDescriptors, testShare } from '../../test/support/driver-pair.ts';
import { StreamRecorder, turns } from '../../test/support/stream-recorder.ts';
import { DescriptorBudget } from './descriptor-budget.ts';
import { DriverStream } from './driver-stream.ts';
import type { GatheredWrites } from './gathered-writes.ts';
import { EAGAIN, MSG_MORE } from './linux-constants.ts';
import { SOCKET_HIGH_WATER_MARK } from './socket-stream.ts';
import { StreamOutput } from './stream-output.ts';
import { StreamShare } from './stream-share.ts';

const EPIPE = 32;

/** The outgoing direction of a connection to a peer, with what it asks of the kernel and says written down. */
class Output extends StreamOutput {
  readonly lines: string[] = [];
  readonly peer: StreamRecorder;
  override readonly knownMoves = undefined;
  override isOpen = true;

  constructor(share: StreamShare, lines: string[]) {
    const [near, far] = tcpDescriptors(share);
    super(share, near);
    this.lines = lines;
    this.peer = new StreamRecorder('peer', new DriverStream(testShare(), far, 'accepted'));
    this.peer.listen();
  }

  override get isEnding(): boolean {
    return super.isEnding;
  }

  get gathered(): GatheredWrites {
    return this.share.gathered;
  }

  override takeQueued(): readonly Uint8Array[] {
    return super.takeQueued();
  }

  override sendEnd(): void {
    this.lines.push('end');
  }

  override drained(): void {
    this.lines.push('drained');
  }

  override fail(error: string): void {
    this.isOpen = false;
    this.dropUnsent();
    this.lines.push(`failed ${error}`);
  }

  /** Closes its descriptor; what the peer has received. */
  async close(): Promise<string> {
    this.share.libc.close(this.socket);
    await this.peer.until('the end', () => this.peer.hasEnded);
    this.peer.destroy();
    return String(this.peer.bytes());
  }
}

/** A kernel that takes so many bytes and no more until it is told to, with an error then. */
class Kernel {
  room = Infinity;
  error = EAGAIN;
  #hasFailed = false;

  output(): Output {
    const libc = testLibc();
    const lines: string[] = [];
    const share = new StreamShare(
      {
        ...libc,
        send: (descriptor, address, length, flags) => {
          this.#hasFailed = this.room === 0;
          if (this.#hasFailed) return -1;
          const sent = libc.send(descriptor, address, Math.min(length, this.room), flags);
          this.room -= sent;
          lines.push((flags & MSG_MORE) === 0 ? `sent ${sent}` : `sent ${sent}, and more`);
          return sent;
        },
        errno: () => (this.#hasFailed ? this.error : libc.errno()),
      },
      DescriptorBudget.ofProcess(),
    );
    return new Output(share, lines);
  }
}

function write(output: Output, text: string): boolean {
  return output.write(Buffer.from(text));
}

describe('what goes out of a stream', needsDriver(), () => {
  it('goes out together with what follows at once, and with the end', async () => {
    const output = new Kernel().output();
    write(output, 'one, ');
    write(output, 'two, ');
    assert.deepEqual(output.lines, []);
    await turns(2);
    assert.deepEqual(output.lines, ['sent 10']);
    write(output, 'three');
    output.end();
    assert.deepEqual([output.isEnding, output.mayBeWritten], [true, false]);
    write(output, 'too late');
    await turns(2);
    assert.deepEqual(output.lines, ['sent 10', 'sent 5, and more', 'end']);
    assert.equal(await output.close(), 'one, two, three');
  });

  it('waits in order where the kernel does not take it, and so does the end', async () => {
    const kernel = new Kernel();
    const output = kernel.output();
    kernel.room = 4;
    write(output, 'one, ');
    assert.equal(output.isFlushed, false);
    write(output, 'two');
    output.end();
    await turns(2);
    output.sendQueued();
    assert.deepEqual(output.lines, ['sent 4']);
    kernel.room = Infinity;
    output.sendQueued();
    assert.deepEqual([output.lines, output.isFlushed], [['sent 4', 'sent 4', 'end'], true]);
    assert.equal(await output.close(), 'one, two');
  });

  it('stays in order also where only the first part finds no room, and others write in between', async () => {
    const kernel = new Kernel();
    const output = kernel.output();
    const { gathered } = output;
    kernel.room = 4;
    write(output, 'one, ');
    gathered.claim({ sendGathered: () => undefined });
    write(output, 'two, '); // sends the first part
    kernel.room = Infinity;
    gathered.claim({ sendGathered: () => undefined });
    write(output, 'three');
    output.end();
    await turns(2);
    output.sendQueued();
    assert.equal(output.lines.at(-1), 'end');
    assert.equal(await output.close(), 'one, two, three');
  });

  it('says stop when much waits, and when there is room again', async () => {
    const kernel = new Kernel();
    const output = kernel.output();
    kernel.room = 0;
    const much = 'x'.repeat(SOCKET_HIGH_WATER_MARK);
    assert.equal(write(output, much), true);
    assert.equal(output.isFlushed, false);
    assert.equal(write(output, 'y'), false);
    kernel.room = SOCKET_HIGH_WATER_MARK;
    output.sendQueued();
    assert.equal(output.lines.includes('drained'), false);
    kernel.room = 1;
    output.sendQueued();
    assert.equal(output.lines.at(-1), 'drained');
    assert.equal(write(output, ''), true);
    assert.equal(await output.close(), `${much}y`);
  });

  it('is dropped when the connection is lost, and handed over where it goes on elsewhere', async () => {
    const kernel = new Kernel();
    const output = kernel.output();
    kernel.room = 0;
    write(output, 'waits');
    assert.equal(output.isFlushed, false);
    assert.deepEqual(String(Buffer.concat(output.takeQueued())), 'waits');
    write(output, 'lost');
    kernel.error = EPIPE;
    output.sendQueued();
    output.end();
    assert.equal(write(output, 'late'), true);
    assert.deepEqual([output.lines, output.isFlushed], [['failed EPIPE'], true]);
    assert.equal(await output.close(), '');
  });
});
