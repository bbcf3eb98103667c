// A stream that was looked into is a Stream like any other, and begins with what was looked at.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FakeStreamOptions } from '../../test/support/fake-stream.ts';
import { FakeStream } from '../../test/support/fake-stream.ts';
import { streamConformance } from '../../test/support/stream-conformance.ts';
import { StreamRecorder, turns } from '../../test/support/stream-recorder.ts';
import { linkPair } from '../io/link-stream.ts';
import { PeekStream } from './peek-stream.ts';
import type { StreamListener } from './stream.ts';

const idle = { peeked: (): void => undefined, lost: (): void => undefined };
const deaf: StreamListener = {
  received: () => undefined,
  ended: () => undefined,
  drained: () => undefined,
  closed: () => undefined,
};

streamConformance('a stream that was looked into before anything was said', () => {
  const [inner, b] = linkPair(1000);
  const a = new PeekStream(inner, 100);
  a.watch(idle);
  a.stopWatching();
  return Promise.resolve({ a, b, maxInFlight: 1000 + 16_384 });
});

/** Looks into a stream on which this was said. */
async function looked(
  ...[first, ...said]: readonly [string | FakeStreamOptions, ...(readonly string[])]
): Promise<{
  readonly seen: string[];
  readonly far: FakeStream;
  readonly peek: PeekStream;
}> {
  const far = new FakeStream(typeof first === 'string' ? {} : first);
  const peek = new PeekStream(far, 10);
  const seen: string[] = [];
  peek.watch({
    peeked: (bytes, { isComplete }) =>
      seen.push(`${Buffer.from(bytes).toString()}${isComplete ? '.' : '...'}`),
    lost: () => seen.push('lost'),
  });
  for (const text of typeof first === 'string' ? [first, ...said] : said) far.says(text);
  await step(far);
  return { seen, far, peek };
}

async function step(far: FakeStream): Promise<void> {
  do await turns(1);
  while (far.step());
}

describe('a stream that is looked into', () => {
  it('shows all bytes so far, and then no more than asked for', async () => {
    const { seen, far } = await looked('GET', ' / HTTP/1.1', 'unread');
    assert.deepEqual(seen, ['GET...', 'GET / HTTP.']);
    assert.equal(far.unheardBytes, 'unread'.length);
  });

  it('shows that the peer says no more', async () => {
    const { seen, far } = await looked('GET');
    far.ends();
    await step(far);
    assert.deepEqual(seen, ['GET...', 'GET.']);
  });

  it('has what was not heard for who takes its connection over, also where it was looked into twice', async () => {
    const far = new FakeStream();
    const near = new PeekStream(far, 100);
    near.watch(idle);
    far.says('first, ');
    await step(far);
    near.stopWatching();
    const outer = new PeekStream(near, 100);
    outer.watch(idle);
    far.says('second');
    await step(far);
    outer.stopWatching();
    assert.equal(Buffer.concat(outer.unheard).toString(), 'first, second');
    assert.equal(outer.carrier, far);
    new StreamRecorder('outer', outer).listen();
    await step(far);
    assert.deepEqual(outer.unheard, []);
  });

  it('says that there is more behind what is not the last of it', async () => {
    const { far, peek } = await looked('GET', ' / ');
    assert.equal(peek.behind, 'more');
    peek.stopWatching();
    const seen: unknown[] = [];
    new StreamRecorder('peek', peek).listen({ received: () => seen.push(peek.behind) });
    await step(far);
    far.behind = 'unknown';
    far.says('HTTP/1.1');
    await step(far);
    assert.deepEqual(seen, [undefined, 'unknown']);
  });

  it('says all of it again to its listener, in order, with what came since', async () => {
    const { far, peek } = await looked('GET', ' / ');
    peek.stopWatching();
    far.says('HTTP/1.1');
    far.ends();
    await step(far);
    const recorder = new StreamRecorder('peek', peek);
    recorder.listen();
    await step(far);
    assert.equal(recorder.bytes().toString(), 'GET / HTTP/1.1');
    assert.deepEqual(recorder.events.at(-1), 'ended');
    assert.deepEqual(recorder.faults, []);
  });

  it('says nothing while it is held', async () => {
    const { far, peek } = await looked('GET');
    const recorder = new StreamRecorder('peek', peek);
    peek.hold('busy');
    recorder.listen();
    far.ends();
    await step(far);
    assert.deepEqual(recorder.events, []);
    peek.release('busy');
    await step(far);
    assert.deepEqual(recorder.bytes().toString(), 'GET');
  });

  it('says datagrams again one by one, empty ones too, and stops for a hold', async () => {
    const { seen, far, peek } = await looked({ framing: 'datagrams' }, 'one', '', 'two');
    assert.deepEqual(seen, ['one...', 'one...', 'onetwo...']);
    peek.stopWatching();
    const heard: string[] = [];
    peek.listen({
      ...deaf,
      received: (bytes) => {
        heard.push(Buffer.from(bytes).toString());
        if (heard.length === 2) peek.hold('busy');
      },
    });
    await step(far);
    assert.deepEqual(heard, ['one', '']);
    far.says('three');
    peek.release('busy');
    await step(far);
    assert.deepEqual(heard, ['one', '', 'two', 'three']);
    assert.equal(peek.framing, 'datagrams');
  });

  it('looks at a bounded number of datagrams, since they may be empty', async () => {
    const crowd = Array.from({ length: 300 }, () => '');
    const { seen, far } = await looked({ framing: 'datagrams' }, ...crowd);
    assert.equal(seen.length, 256);
    assert.equal(seen.at(-1), '.');
    assert.deepEqual(far.holds, ['looked-at']);
  });

  it('tells that it is lost, to whoever looks and to whoever listens', async () => {
    const { seen, far, peek } = await looked('GET');
    far.breaks('ECONNRESET');
    await step(far);
    assert.deepEqual(seen, ['GET...', 'lost']);
    const recorder = new StreamRecorder('peek', peek);
    recorder.listen();
    await turns(2);
    assert.deepEqual(recorder.events, ['closed ECONNRESET']);
  });

  it('has one listener, and shows its descriptor only when nothing is left to say again', async () => {
    const { peek } = await looked('GET');
    assert.equal(peek.descriptor, undefined);
    peek.listen(deaf);
    assert.throws(() => peek.listen(deaf), /one listener/);
  });

  it('leaves its listener once all that was looked at is heard, and is looked into again', async () => {
    const { far, peek } = await looked('EHLO');
    peek.hold('busy');
    const first = new StreamRecorder('first', peek);
    first.listen();
    await step(far);
    assert.equal(peek.unlisten(), false, 'there is something left to say again');
    peek.release('busy');
    await step(far);
    assert.equal(first.bytes().toString(), 'EHLO');
    assert.equal(peek.unlisten('left'), true);
    assert.ok(far.leavesUnread);
    assert.equal(peek.unlisten(), false, 'nobody listens');
    const outer = new PeekStream(peek, 100);
    outer.watch(idle);
    far.says('hello');
    await step(far);
    outer.stopWatching();
    assert.deepEqual([outer.carrier, Buffer.concat(outer.unheard).toString()], [far, 'hello']);
    const second = new StreamRecorder('second', outer);
    second.listen();
    far.says(' again');
    far.ends();
    await step(far);
    assert.equal(second.bytes().toString(), 'hello again');
    assert.equal(first.bytes().toString(), 'EHLO');
    assert.equal(peek.unlisten(), false, 'it has ended');
    assert.deepEqual([...first.faults, ...second.faults], []);
  });

  it('keeps its listener where what is beneath does not leave it', async () => {
    const [inner, far] = linkPair(1000);
    const peek = new PeekStream(inner, 10);
    peek.watch(idle);
    peek.stopWatching();
    const recorder = new StreamRecorder('peek', peek);
    recorder.listen();
    peek.hold('busy');
    assert.equal(peek.unlisten(), false);
    peek.release('busy');
    far.write(Buffer.from('heard'), 'given');
    await recorder.untilReceived(5);
  });

  it('is moved only when nothing is left to say again', async () => {
    const far = new FakeStream({ moves: true });
    const peek = new PeekStream(far, 10);
    peek.watch(idle);
    far.says('GET');
    await step(far);
    const target = new FakeStream();
    let moved = 0;
    const count = (bytes: number): void => void (moved += bytes);
    assert.equal(peek.moveTo(target, Infinity, count), undefined);
    peek.listen(deaf);
    await step(far);
    assert.notEqual(peek.moveTo(target, Infinity, count), undefined);
    far.says('moved');
    await step(far);
    assert.deepEqual([target.output, moved], ['moved', 5]);
  });
});

describe('a stream whose first bytes were taken', () => {
  it('begins behind them', async () => {
    for (const [length, heard] of [
      [4, 'rest'],
      [8, ''],
    ] as const) {
      const { far, peek } = await looked('head', 'rest');
      peek.stopWatching(length);
      const recorder = new StreamRecorder('peek', peek);
      recorder.listen();
      await step(far);
      assert.equal(recorder.bytes().toString(), heard);
      far.says(' more');
      await step(far);
      assert.equal(recorder.bytes().toString(), `${heard} more`);
      assert.deepEqual(recorder.faults, []);
    }
  });

  it('is still found inside of another one that looks into it', () => {
    const far = new FakeStream();
    const peek = new PeekStream(new PeekStream(far, 10), 10);
    assert.equal(peek.carrier, far);
  });
});
