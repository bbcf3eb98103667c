// One end of a program: a Stream as any other, whose end is only told when it is known to be a proper one.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { streamConformance } from '../../test/support/stream-conformance.ts';
import { StreamRecorder, turns } from '../../test/support/stream-recorder.ts';
import { ProgramStream } from './program-stream.ts';
import { SocketStream } from './socket-stream.ts';

/** Two UNIX sockets that are joined: of the parent, and of the program. */
async function unixPair(): Promise<[Socket, Socket]> {
  const directory = await mkdtemp(join(tmpdir(), 'zorp-test-'));
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
  server.listen(join(directory, 'socket'));
  await once(server, 'listening');
  const near = connect({ path: join(directory, 'socket'), allowHalfOpen: true });
  const [[far]] = (await Promise.all([once(server, 'connection'), once(near, 'connect')])) as [
    [Socket],
    unknown,
  ];
  server.close();
  await rm(directory, { recursive: true });
  return [near, far];
}

const nobody = { moved: () => undefined, closed: () => undefined };

streamConformance('a socket of a program that has ended well', async () => {
  const [near, far] = await unixPair();
  const a = new ProgramStream(near, nobody);
  a.settle('proper');
  return {
    a,
    b: new SocketStream(far, { kind: 'unix' }),
    maxInFlight: 4 * 1_048_576,
    tellsResets: false,
  };
});

interface Half {
  readonly stream: ProgramStream;
  readonly recorder: StreamRecorder;
  /** The program's end. */
  readonly far: Socket;
  readonly calls: string[];
}

async function half(): Promise<Half> {
  const [near, far] = await unixPair();
  far.on('error', () => undefined);
  const calls: string[] = [];
  const stream = new ProgramStream(near, {
    moved: () => calls.push('moved'),
    closed: () => calls.push('closed'),
  });
  const recorder = new StreamRecorder('near', stream);
  recorder.listen();
  return { stream, recorder, far, calls };
}

async function over({ recorder, far }: Half): Promise<void> {
  recorder.destroy();
  far.destroy();
  await recorder.untilClosed();
  assert.deepEqual(recorder.faults, []);
}

describe('the end of a program', () => {
  it('is withheld until it is known to be proper', async () => {
    const made = await half();
    made.far.end('all');
    await made.recorder.untilReceived(3);
    await turns(30);
    assert.deepEqual(made.recorder.events, []);
    made.stream.settle('proper');
    assert.deepEqual(made.recorder.events, ['ended']);
    await over(made);
  });

  it('is a cut, behind its last bytes, if it failed', async () => {
    const made = await half();
    made.far.end('half');
    made.recorder.hold('busy');
    made.stream.settle('cut');
    await turns(30);
    assert.deepEqual(made.recorder.events, []);
    made.recorder.release('busy');
    await made.recorder.untilClosed();
    assert.equal(made.recorder.bytes().toString(), 'half');
    assert.deepEqual(made.recorder.events, ['closed ECONNRESET']);
    await turns(10);
    assert.deepEqual(made.calls.at(-1), 'closed');
    await over(made);
  });

  it('is a cut at once if it was killed, also while it is held', async () => {
    const made = await half();
    made.recorder.hold('busy');
    made.far.end('lost');
    await turns(30);
    made.stream.cut();
    await made.recorder.untilClosed();
    assert.deepEqual(made.recorder.events, ['closed ECONNRESET']);
    made.stream.settle('proper');
    made.stream.cut();
    await over(made);
  });

  it('is proper where the program has left bytes unread, if nothing of its own is lost', async () => {
    const made = await half();
    made.recorder.write(Buffer.from('unread'), 'given');
    await turns(5);
    made.far.destroy();
    await turns(30);
    assert.deepEqual(made.recorder.events, []);
    made.stream.settle('proper');
    await made.recorder.untilClosed();
    assert.deepEqual(made.recorder.events, ['ended', 'closed']);
    await over(made);
  });

  it('is a loss where bytes of its own are lost with it', async () => {
    const made = await half();
    made.recorder.hold('busy');
    made.recorder.write(Buffer.from('unread'), 'given');
    made.far.write('lost');
    await turns(5);
    made.far.destroy();
    await turns(30);
    assert.deepEqual(made.recorder.events, []);
    made.stream.settle('proper');
    await made.recorder.untilClosed();
    assert.deepEqual(made.recorder.events, ['closed ECONNRESET']);
    await over(made);
  });

  it('is proper if a write to the closed end fails, unless bytes of its own are lost with it', async () => {
    for (const last of ['', 'last words']) {
      const made = await half();
      const closed = once(made.far, 'close');
      made.far.write(last);
      made.far.destroySoon();
      // Nothing of it is read before the write fails: the turn of the loop does not end.
      for (const until = Date.now() + 20; Date.now() < until;);
      await closed;
      made.recorder.write(Buffer.from('too late'), 'given');
      made.stream.settle('proper');
      await made.recorder.untilClosed();
      const [event] = made.recorder.events;
      const isWhole = made.recorder.bytes().toString() === last && event === 'ended';
      assert.ok(isWhole || event === 'closed EPIPE', `${String(event)} after ${last}`);
      if (last === '') assert.equal(event, 'ended');
      await over(made);
    }
  });

  it('is told after a while if the program runs on', async () => {
    const made = await half();
    made.far.end();
    await made.recorder.until('ended', () => made.recorder.hasEnded);
    made.stream.settle('cut');
    await made.recorder.untilClosed();
    assert.deepEqual(made.recorder.events, ['ended', 'closed ECONNRESET']);
    await over(made);
  });

  it('may come before there is a listener', async () => {
    const [near, far] = await unixPair();
    const stream = new ProgramStream(near, nobody);
    far.end('early');
    stream.settle('proper');
    await turns(10);
    const recorder = new StreamRecorder('near', stream);
    recorder.listen();
    await recorder.until('ended', () => recorder.hasEnded);
    assert.equal(recorder.bytes().toString(), 'early');
    assert.throws(() => stream.listen(recorder), /one listener/);
    recorder.destroy();
    far.destroy();
    await recorder.untilClosed();
  });

  it('says that bytes move, in and out', async () => {
    const made = await half();
    made.recorder.write(Buffer.from('in'), 'given');
    made.recorder.write(new Uint8Array(), 'given');
    assert.deepEqual(made.calls, ['moved']);
    made.far.write('out');
    await made.recorder.untilReceived(3);
    assert.deepEqual(made.calls, ['moved', 'moved']);
    made.recorder.keepAlive();
    assert.equal(made.stream.descriptor, undefined);
    await over(made);
  });
});
