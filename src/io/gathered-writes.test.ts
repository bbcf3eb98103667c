// Writes of one sender in a row are one call; those of several are sent in a row, each behind its own earlier ones.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { needsDriver, testLibc } from '../../test/support/driver-needs.ts';
import { GatheredWrites } from './gathered-writes.ts';

describe('gathered writes', needsDriver(), () => {
  const sent: string[] = [];
  let due = 0;
  const writes = new GatheredWrites(testLibc(), () => due++);
  const sender = (name: string) => ({
    sendGathered: (start: number, byteLength: number) => {
      const bytes = writes.memory.bytes.subarray(start, start + byteLength);
      sent.push(`${name}: ${Buffer.from(bytes).toString()}`);
    },
  });
  const [one, other] = [sender('one'), sender('other')];
  const add = (to: typeof one, text: string): void => {
    writes.claim(to);
    assert.equal(writes.take(Buffer.from(text)).length, 0);
  };

  it('go out together at the end, in the order in which the senders came', () => {
    add(one, 'head ');
    add(one, 'body');
    add(other, 'reply');
    assert.deepEqual(sent, []);
    assert.equal(due, 1);
    writes.flush();
    assert.deepEqual(sent.splice(0), ['one: head body', 'other: reply']);
    writes.flush();
    assert.deepEqual(sent, []);
  });

  it('of one sender may be sent before the others', () => {
    add(one, 'first');
    add(other, 'second');
    writes.flushOf(one);
    writes.flushOf(one);
    assert.deepEqual(sent.splice(0), ['one: first']);
    writes.flush();
    assert.deepEqual(sent.splice(0), ['other: second']);
  });

  it('stay in order for a sender that writes again after another one', () => {
    add(one, 'first');
    add(other, 'reply');
    add(one, 'second');
    assert.deepEqual(sent.splice(0), ['one: first']);
    writes.flush();
    assert.deepEqual(sent.splice(0), ['other: reply', 'one: second']);
  });

  it('wait for no more than a few senders', () => {
    const many = Array.from({ length: 100 }, (_, at) => sender(String(at)));
    for (const each of many) add(each, 'x');
    assert.ok(sent.length >= 80, String(sent.length));
    writes.flush();
    assert.deepEqual(
      sent.splice(0),
      many.map((_, at) => `${at}: x`),
    );
  });

  it('are sent where there is no more room, before anything else is taken', () => {
    const [short, long] = ['x', 'y'.repeat(100_000)];
    add(one, short);
    const left = writes.take(Buffer.from(long));
    assert.deepEqual(sent.splice(0), ['one: x']);
    assert.equal(left.length, long.length);
    writes.claim(one);
    const rest = writes.take(left).length;
    writes.flush();
    assert.ok(rest < long.length);
    assert.deepEqual(sent.splice(0), [`one: ${long.slice(rest)}`]);
  });

  it('may be an end only', () => {
    writes.claim(one);
    add(other, 'x');
    writes.flush();
    assert.deepEqual(sent.splice(0), ['one: ', 'other: x']);
  });

  it('are dropped for a sender that is gone', () => {
    add(one, 'x');
    add(other, 'y');
    writes.drop(one);
    writes.drop(one);
    writes.flush();
    assert.deepEqual(sent.splice(0), ['other: y']);
  });
});
