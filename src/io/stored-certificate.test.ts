import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isStoredName, readStored, storedName, writeStored } from './stored-certificate.ts';

describe('a stored certificate', () => {
  it('is read as it was written', () => {
    const times = fc.integer({ min: 0, max: Date.parse('9999-01-01') });
    fc.assert(
      fc.property(times, fc.uint8Array({ minLength: 1, maxLength: 300 }), (madeAt, bytes) => {
        const stored = { madeAt, encoded: Buffer.from(bytes) };
        assert.deepEqual(readStored(writeStored(stored)), stored);
      }),
    );
  });

  it('is none where any of it is missing', () => {
    const text = writeStored({ madeAt: 0, encoded: Buffer.from('certificate') });
    for (let end = 0; end < text.length; end++)
      assert.equal(readStored(text.slice(0, end)), undefined);
    for (const bad of [` ${text}`, `${text}\n`, text.replace('1970-01-01', '1970-13-01')])
      assert.equal(readStored(bad), undefined);
    assert.equal(readStored('\0'.repeat(1000)), undefined);
  });

  it('has a name that is another one for other parts', () => {
    const origin = {
      original: Buffer.from('original'),
      authority: 'AA:BB',
      publicKey: Buffer.from('key'),
      carriedOver: ['2.5.29.17'],
    };
    const name = storedName(origin);
    assert.ok(isStoredName(name) && storedName({ ...origin }) === name);
    const others = [
      { ...origin, original: Buffer.from('other') },
      { ...origin, authority: 'AA' },
      { ...origin, publicKey: Buffer.from('other') },
      { ...origin, carriedOver: [] },
    ].map(storedName);
    assert.equal(new Set([name, ...others]).size, 5);
    for (const bad of ['', 'a.pem', `${name}.new`, `x${name}`])
      assert.equal(isStoredName(bad), false);
  });
});
