// Writes of one sender in a row are one call; those of another one send them first.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { needsDriver, testLibc } from '../../test/support/driver-needs.ts';
import { GATHERED_BYTES, GatheredWrites } from './gathered-writes.ts';

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
    assert.ok(writes.claim(to, text.length));
    writes.add(Buffer.from(text));
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

  it('are refused where there is no more room, and dropped for a sender that is gone', () => {
    add(one, 'x');
    assert.equal(writes.claim(one, GATHERED_BYTES), false);
    writes.drop(other);
    writes.drop(one);
    writes.flush();
    assert.deepEqual(sent, []);
  });
});
