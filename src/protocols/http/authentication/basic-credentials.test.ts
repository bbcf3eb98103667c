import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readBasic } from './basic-credentials.ts';

describe('readBasic()', () => {
  it('reads the examples of RFC 7617', () => {
    assert.deepEqual(readBasic('Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=='), {
      user: 'Aladdin',
      password: 'open sesame',
    });
    assert.deepEqual(readBasic('basic dGVzdDoxMjPCow=='), { user: 'test', password: '123£' });
  });

  it('takes the first colon', () => {
    const value = `Basic ${Buffer.from('a:b:c').toString('base64')}`;
    assert.deepEqual(readBasic(value), { user: 'a', password: 'b:c' });
  });

  it('reads whatever it was told, and nothing else', () => {
    const name = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes(':'));
    fc.assert(
      fc.property(name, fc.string({ unit: 'grapheme' }), (user, password) => {
        const value = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
        assert.deepEqual(readBasic(value), { user, password });
      }),
    );
  });

  it('takes no other scheme, no sloppy base64, no other charset', () => {
    for (const value of [
      ...[
        '',
        'Basic',
        'Basic ',
        'Bearer YTpi',
        'BasicYTpi',
        'Basic YTpi=',
        'Basic YTp',
        'Basic YQ==',
      ],
      ...['Basic YTpi YTpi', 'Basic YTpi,', 'Basic YT-_', 'Basic\tYTpi', 'Basic YT\npi'],
      `Basic ${Buffer.from('ä:b', 'latin1').toString('base64')}`,
    ])
      assert.equal(readBasic(value), undefined, value);
  });
});
