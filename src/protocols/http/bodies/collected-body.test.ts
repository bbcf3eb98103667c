import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ProxyAction } from '../../../proxy/engine.ts';
import { CollectedBody, MAX_COLLECTED_BYTES } from './collected-body.ts';

function collect(body: CollectedBody, ...pieces: readonly string[]): string {
  const out: ProxyAction[] = [];
  for (const piece of pieces) body.take(Buffer.from(piece), 0, out);
  assert.deepEqual(out, [], 'nothing is asked for');
  return Buffer.from(body.bytes).toString();
}

describe('CollectedBody', () => {
  it('collects a body of a known length, and no more', () => {
    const body = new CollectedBody({ kind: 'length', length: 5 });
    assert.equal(collect(body, 'ab', 'cdeGET /'), 'abcde');
    assert.equal(body.isComplete, true);
    assert.equal(body.consumed, 5);
  });

  it('collects chunks without their sizes', () => {
    const body = new CollectedBody({ kind: 'chunked' });
    assert.equal(collect(body, '2\r\nab\r', '\n3\r\ncde\r\n0\r\n\r\n'), 'abcde');
    assert.equal(body.isComplete, true);
  });

  it('takes as many bytes as it may, and no more', () => {
    const whole = 'a'.repeat(MAX_COLLECTED_BYTES);
    const body = new CollectedBody({ kind: 'length', length: MAX_COLLECTED_BYTES });
    assert.equal(collect(body, whole.slice(0, 10), whole.slice(10)).length, MAX_COLLECTED_BYTES);
    const long = new CollectedBody({ kind: 'chunked' });
    const size = (MAX_COLLECTED_BYTES + 1).toString(16);
    assert.throws(() => collect(long, `${size}\r\n`), /longer than/);
  });
});
