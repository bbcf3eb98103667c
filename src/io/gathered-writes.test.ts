// Writes of one sender in a row are one call; those of another one send them first.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { needsDriver, testLibc } from '../../test/support/driver-needs.ts';
import { GatheredWrites } from './gathered-writes.ts';

describe('gathered writes', needsDriver(), () => {
  const sent: string[] = [];
  let due = 0;
  const writes = new GatheredWrites(testLibc(), () => due++);
  const sender = (name: string) => ({
    sendGathered: (_address: number, byteLength: number) =>
      void sent.push(`${name}: ${Buffer.from(writes.bytes.subarray(0, byteLength)).toString()}`),
  });
  const [one, other] = [sender('one'), sender('other')];
  const add = (to: typeof one, text: string): void => {
    assert.equal(writes.take(to, Buffer.from(text)).length, 0);
  };

  it('go out together, when another sender writes or at the end', () => {
    add(one, 'head ');
    add(one, 'body');
    assert.deepEqual(sent, []);
    assert.equal(due, 1);
    add(other, 'reply');
    assert.deepEqual(sent.splice(0), ['one: head body']);
    writes.flushOf(one);
    assert.deepEqual(sent, []);
    writes.flushOf(other);
    writes.flush();
    assert.deepEqual(sent.splice(0), ['other: reply']);
  });

  it('are sent where there is no more room, before anything else is taken', () => {
    const [short, long] = ['x', 'y'.repeat(100_000)];
    add(one, short);
    const left = writes.take(one, Buffer.from(long));
    assert.deepEqual(sent.splice(0), ['one: x']);
    assert.equal(left.length, long.length);
    const rest = writes.take(one, left).length;
    writes.flush();
    assert.ok(rest < long.length);
    assert.deepEqual(sent.splice(0), [`one: ${long.slice(rest)}`]);
  });

  it('may be an end only', () => {
    writes.claim(one);
    writes.claim(other);
    assert.deepEqual(sent.splice(0), ['one: ']);
    writes.flush();
    assert.deepEqual(sent.splice(0), ['other: ']);
  });

  it('are dropped for a sender that is gone', () => {
    add(one, 'x');
    writes.drop(other);
    writes.drop(one);
    writes.flush();
    assert.deepEqual(sent, []);
  });
});
