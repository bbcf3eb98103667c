// The part of the stream conformance suite about how streams end, and about listeners that call back.
import assert from 'node:assert/strict';
import { turns } from './stream-recorder.ts';
import type { StreamRecorder } from './stream-recorder.ts';
import { ENOUGH_TURNS, fill, MEBIBYTE, randomBytes, sendAll, split } from './stream-scenario.ts';
import type { Check } from './stream-scenario.ts';

/** Both orders of the end, with bytes still flowing the other way. */
export function defineHalfClose(check: Check): void {
  check('ends one way, then the other, with bytes still flowing', async (a, b) => {
    a.listen();
    b.listen();
    a.write(Buffer.from('question'), 'given');
    a.end();
    await b.until('ended', () => b.hasEnded);
    const answer = randomBytes(300_000);
    await sendAll(b, answer);
    await a.untilReceived(answer.length);
    assert.ok(a.bytes().equals(answer));
    assert.equal(a.isClosed || b.isClosed, false);
    b.end();
    await Promise.all([a.untilClosed(), b.untilClosed()]);
    assert.deepEqual(a.events, ['ended', 'closed']);
    assert.deepEqual(b.events.slice(0, 1), ['ended']);
    assert.deepEqual(b.events.slice(-1), ['closed']);
  });

  check('ends after what is queued', async (a, b) => {
    const sent = randomBytes(4 * MEBIBYTE);
    a.listen();
    b.listen();
    b.hold('slow');
    for (const chunk of split(sent)) a.write(chunk, 'given');
    a.end();
    a.end();
    a.write(Buffer.from('too late'), 'given');
    await turns(ENOUGH_TURNS);
    b.release('slow');
    await b.until('ended', () => b.hasEnded);
    assert.ok(b.bytes().equals(sent));
  });

  check('closes when both ended at once', async (a, b) => {
    a.listen({ ended: () => a.end() });
    b.listen({ ended: () => b.end() });
    a.end();
    await Promise.all([a.untilClosed(), b.untilClosed()]);
    for (const one of [a, b]) assert.deepEqual(one.events, ['ended', 'closed']);
  });

  check('does not close before the end was said', async (a, b) => {
    a.listen();
    b.listen({ received: () => b.hold('thinking') });
    b.end();
    a.write(Buffer.from('last words'), 'given');
    a.end();
    await b.untilReceived(10);
    await turns(ENOUGH_TURNS);
    assert.deepEqual(b.events, []);
    b.release('thinking');
    await b.untilClosed();
    assert.deepEqual(b.events, ['ended', 'closed']);
  });
}

const RESET = /^closed ECONNRESET$/;

/** Destruction at any moment, from either side. */
export function defineDestruction(check: Check): void {
  for (const how of [undefined, 'reset'] as const) {
    const name = how ?? 'destroy';

    check(`${name} closes an idle pair`, async (a, b, pair) => {
      a.listen();
      b.listen({ ended: () => b.end() });
      a.destroy(how);
      a.destroy(how);
      await Promise.all([a.untilClosed(), b.untilClosed()]);
      assert.deepEqual(a.events, ['closed']);
      if (how === 'reset' && pair.tellsResets !== false)
        assert.match(b.events.join(), pair.losses ?? RESET);
    });

    check(`${name} drops what is queued, both ways`, async (a, b, pair) => {
      a.listen();
      b.listen();
      a.hold('slow');
      b.hold('slow');
      await fill(a, pair.maxInFlight);
      await fill(b, pair.maxInFlight);
      a.destroy(how);
      b.write(Buffer.from('lost'), 'given');
      await Promise.all([a.untilClosed(), b.untilClosed()]);
      assert.deepEqual(a.events, ['closed']);
      assert.match(b.events.join(), pair.losses ?? /^closed E(CONNRESET|PIPE)$/);
    });

    check(`${name} right after the end`, async (a, b) => {
      a.listen();
      b.listen();
      a.end();
      a.destroy(how);
      await a.untilClosed();
      await b.until('ended or closed', () => b.hasEnded || b.isClosed);
      assert.deepEqual(a.events, ['closed']);
    });

    check(`${name} before there is a listener`, async (a, b) => {
      a.listen();
      a.destroy(how);
      await a.untilClosed();
      b.listen();
      await b.until('ended or closed', () => b.hasEnded || b.isClosed);
    });

    check(`${name} from within any call`, async (a, b) => {
      a.listen({ received: () => a.destroy(how) });
      b.listen({ ended: () => b.destroy(how), closed: () => b.destroy(how) });
      b.write(Buffer.from('poke'), 'given');
      b.write(Buffer.from('poke'), 'given');
      await Promise.all([a.untilClosed(), b.untilClosed()]);
      assert.deepEqual(a.events, ['closed']);
      assert.equal(a.chunkCount, 1);
    });

    check(`${name} from within received drops what was read ahead`, async (a, b) => {
      a.listen({
        received: () => {
          a.end();
          a.destroy(how);
        },
      });
      b.listen();
      a.hold('slow');
      for (const word of ['one', 'two', 'three']) {
        b.write(Buffer.from(word), 'given');
        await turns(ENOUGH_TURNS);
      }
      a.release('slow');
      await a.untilClosed();
      assert.equal(a.chunkCount, 1);
    });

    check(`${name} while held, with bytes and the end waiting`, async (a, b) => {
      a.listen();
      b.listen({ received: () => b.hold('thinking') });
      b.end();
      a.write(Buffer.from('last words'), 'given');
      a.end();
      await b.untilReceived(10);
      await turns(ENOUGH_TURNS);
      b.destroy(how);
      b.release('thinking');
      await b.untilClosed();
      assert.deepEqual(b.events, ['closed']);
    });
  }

  check('takes every call for nothing once it is closed', async (a, b) => {
    a.listen();
    b.listen();
    a.destroy();
    await a.untilClosed();
    a.write(Buffer.from('nobody'), 'given');
    a.hold('late');
    a.release('late');
    a.keepAlive();
    a.end();
    a.destroy('reset');
    await turns(ENOUGH_TURNS);
    assert.deepEqual(a.events, ['closed']);
  });
}

/** Listeners that call their stream from within its calls. */
export function defineReentrancy(check: Check): void {
  check('lets a listener answer from within received', async (a, b) => {
    const sent = randomBytes(200_000);
    a.listen();
    b.listen({ received: (bytes) => b.write(bytes, 'lent') });
    for (const chunk of split(sent)) a.write(chunk, 'given');
    await a.untilReceived(sent.length);
    assert.ok(a.bytes().equals(sent));
  });

  check('lets both ends answer one another', async (a, b) => {
    const bounce = (one: StreamRecorder) => (bytes: Uint8Array) => {
      if (one.chunkCount < 200) one.write(bytes, 'lent');
      else one.end();
    };
    a.listen({ received: bounce(a) });
    b.listen({ received: bounce(b) });
    a.write(Buffer.from('ball'), 'given');
    await a.until('ended', () => a.hasEnded); // b took the last ball and ended
    assert.equal(b.bytes().toString(), 'ball'.repeat(200));
  });

  for (const delivery of ['at once', 'after a hold'] as const) {
    check(`lets a listener write to both ends, when called ${delivery}`, async (a, b) => {
      a.listen();
      b.listen({
        received: () => {
          if (b.chunkCount !== 1) return;
          a.write(Buffer.from('second'), 'given');
          b.write(Buffer.from('reply'), 'given');
          a.end();
        },
      });
      if (delivery === 'after a hold') b.hold('busy');
      a.write(Buffer.from('first '), 'given');
      b.release('busy');
      await b.until('ended', () => b.hasEnded);
      await a.untilReceived(5);
      assert.equal(b.bytes().toString(), 'first second');
    });
  }

  check('lets a listener hold, release and end from within received', async (a, b) => {
    a.listen();
    b.listen({
      received: () => {
        b.hold('one');
        b.release('one');
        b.hold('two');
        b.end();
        queueMicrotask(() => b.release('two'));
      },
    });
    a.write(Buffer.from('one'), 'given');
    await a.until('ended', () => a.hasEnded);
    a.write(Buffer.from('two'), 'given');
    await b.untilReceived(6);
  });

  check('lets a listener write from within drained', async (a, b, pair) => {
    a.listen({ drained: () => a.write(Buffer.from('more'), 'given') });
    b.listen();
    b.hold('slow');
    const written = await fill(a, pair.maxInFlight);
    b.release('slow');
    await b.untilReceived(written + 4);
  });
}
