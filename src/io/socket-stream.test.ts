// Sockets on loopback are Streams, and what is particular to them.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { socketPair } from '../../test/support/socket-pair.ts';
import { streamConformance } from '../../test/support/stream-conformance.ts';
import { StreamRecorder } from '../../test/support/stream-recorder.ts';
import { SocketStream } from './socket-stream.ts';

streamConformance('a socket', async () => {
  const [near, far] = await socketPair();
  // Loopback buffers grow to some megabytes in either kernel queue.
  return { a: new SocketStream(near), b: new SocketStream(far), maxInFlight: 32 * 1_048_576 };
});

describe('a socket stream', () => {
  it('names the error that ended it, also when it was held', async () => {
    const [near, far] = await socketPair();
    const recorder = new StreamRecorder('near', new SocketStream(near));
    recorder.listen();
    recorder.hold('busy');
    far.resetAndDestroy();
    await recorder.untilClosed();
    assert.deepEqual(recorder.events, ['closed ECONNRESET']);
  });

  it('says of what was read whole, and of what waits, that there may be more behind it, and of TLS that nobody knows', async () => {
    const [near, far] = await socketPair();
    const stream = new SocketStream(near);
    const recorder = new StreamRecorder('near', stream);
    const seen: unknown[] = [];
    recorder.listen({ received: (bytes) => seen.push([bytes.length, stream.behind]) });
    near.emit('data', Buffer.alloc(65_536));
    near.emit('data', Buffer.alloc(5));
    recorder.hold('busy');
    for (const length of [3, 4]) near.push(Buffer.alloc(length));
    recorder.release('busy');
    await recorder.untilReceived(65_548);
    assert.deepEqual(seen, [
      [65_536, 'more'],
      [5, undefined],
      [3, 'more'],
      [4, undefined],
    ]);
    assert.equal(new SocketStream(near, { kind: 'tls' }).behind, 'unknown');
    stream.destroy();
    far.destroy();
  });

  it('tells a listener that comes late that it is closed', async () => {
    const [near, far] = await socketPair();
    const stream = new SocketStream(near);
    stream.destroy();
    await once(near, 'close');
    const recorder = new StreamRecorder('near', stream);
    recorder.listen();
    await recorder.untilClosed();
    far.destroy();
    assert.deepEqual(recorder.faults, []);
  });

  it('leaks no descriptor when it is reset while its FIN is on the way', async () => {
    const [near, far] = await socketPair();
    far.on('error', () => undefined).resume();
    const stream = new SocketStream(near);
    stream.end();
    await new Promise<void>((done) => process.nextTick(done));
    stream.destroy('reset');
    await once(near, 'close');
    far.destroy();
  });

  it('hands on what had come when a write fails, as the answer to an upload that the peer does not read', async () => {
    for (const isHeld of [false, true]) {
      const [near, far] = await socketPair();
      const stream = new SocketStream(near);
      const recorder = new StreamRecorder('near', stream);
      recorder.listen();
      if (isHeld) recorder.hold('busy');
      far.write('answer');
      far.resetAndDestroy();
      stream.write(Buffer.alloc(100_000), 'left'); // before Node has looked for what came
      await recorder.untilClosed();
      assert.equal(String(recorder.bytes()), isHeld ? '' : 'answer');
      assert.match(String(recorder.events), /closed E/);
      assert.deepEqual([recorder.hasEnded, recorder.faults], [false, []]);
    }
  });

  it('keeps its listener where something has come that Node has not told of yet', async () => {
    const [near, far] = await socketPair();
    const recorder = new StreamRecorder('near', new SocketStream(near));
    recorder.listen();
    far.write('late');
    assert.equal(recorder.unlisten(), false);
    assert.equal(recorder.unlisten(), false);
    await recorder.untilReceived(4);
    assert.equal(String(recorder.bytes()), 'late');
    far.write('for the next');
    assert.equal(recorder.unlisten('left'), true);
    recorder.listen();
    await recorder.untilReceived(16);
    assert.equal(String(recorder.bytes()), 'latefor the next');
    assert.equal(recorder.unlisten(), true);
    recorder.listen();
    far.resetAndDestroy();
    assert.equal(recorder.unlisten(), false);
    await recorder.untilClosed();
    assert.equal(recorder.events.at(-1), 'closed ECONNRESET');
    assert.deepEqual([recorder.hasEnded, recorder.faults], [false, []]);
  });

  it('has one listener', async () => {
    const [near, far] = await socketPair();
    const recorder = new StreamRecorder('near', new SocketStream(near));
    recorder.listen();
    assert.throws(() => recorder.listen(), /one listener/);
    recorder.destroy();
    far.destroy();
    await recorder.untilClosed();
  });

  it('frees what was left to it once it is written, but no memory that has more in it', async () => {
    const [near, far] = await socketPair();
    const [stream, recorder] = [
      new SocketStream(near),
      new StreamRecorder('far', new SocketStream(far)),
    ];
    recorder.listen();
    const [left, part, small, given] = [10_000, 10_000, 4_000, 10_000].map((length) =>
      new Uint8Array(length).fill(7),
    );
    assert.ok(left !== undefined && part !== undefined && small !== undefined);
    assert.ok(given !== undefined);
    stream.write(left, 'left');
    stream.write(part.subarray(1), 'left');
    stream.write(small, 'left');
    stream.write(given, 'given');
    assert.equal(left.length, 10_000, 'it is still to be written');
    await recorder.untilReceived(33_999);
    await new Promise(setImmediate);
    assert.deepEqual(
      [left, part, small, given].map(({ length }) => length),
      [0, 10_000, 4_000, 10_000],
    );
    assert.ok(recorder.bytes().every((byte) => byte === 7));
    recorder.destroy();
    near.destroy();
    await recorder.untilClosed();
  });

  it('switches keepalive on', async () => {
    const [near, far] = await socketPair();
    const calls: unknown[] = [];
    Object.defineProperty(near, 'setKeepAlive', { value: (on: unknown) => calls.push(on) });
    const stream = new SocketStream(near);
    stream.keepAlive();
    assert.deepEqual(calls, [true]);
    assert.equal(stream.descriptor, undefined);
    assert.equal(stream.ownership, 'left');
    near.destroy();
    far.destroy();
  });
});
