import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { faultsOf } from '../../proxy/policy-fault.ts';
import { tlsDetector } from './tls-detector.ts';

const detector = tlsDetector();

function detect(hex: string, isComplete = false, side: 'client' | 'server' = 'client'): string {
  return detector.detect(side, Buffer.from(hex, 'hex'), { isComplete });
}

const HELLO = '16030102000100 01fc0303'.replace(' ', '');

describe('tlsDetector()', () => {
  it('recognises a ClientHello, of every version', () => {
    assert.equal(detect(HELLO), 'match');
    for (const hello of ['160300003d0100003903 00', '160303003d01000039 0303'])
      assert.equal(detect(hello.replace(' ', '')), 'match');
    assert.equal(detect(`${HELLO}ffff`, true), 'match');
  });

  it('recognises it in whatever records it comes, behind empty ones too', () => {
    const cut = (message: string, sizes: readonly number[]): string => {
      const bytes = Buffer.from(message, 'hex');
      let at = 0;
      const records = sizes.map((size) => {
        const head = Buffer.from([22, 3, 1, 0, size]);
        return Buffer.concat([head, bytes.subarray(at, (at += size))]);
      });
      return Buffer.concat(records).toString('hex');
    };
    for (const sizes of [[1, 1], [2], [1, 0, 0, 1], [0, 2]]) {
      const hello = cut('0100', sizes);
      assert.equal(detect(hello), 'match', hello);
      assert.equal(detect(cut('0103', sizes)), 'no-match', hello);
      assert.equal(detect(cut('0200', sizes)), 'no-match', hello);
      for (let length = 0; length < hello.length; length += 2)
        assert.equal(detect(hello.slice(0, length)), 'undecided');
    }
  });

  it('asks for more as long as it may become one', () => {
    for (let length = 0; length < 14; length += 2) {
      assert.equal(detect(HELLO.slice(0, length)), 'undecided');
      assert.equal(detect(HELLO.slice(0, length), true), 'no-match');
    }
  });

  it('recognises nothing else', () => {
    const others = [
      '474554202f',
      '5353482d',
      '1503',
      '1602',
      '16030150',
      '1603010200010300',
      '160301020002',
    ];
    for (const hex of others) assert.equal(detect(hex), 'no-match', hex);
    assert.equal(detect(HELLO, false, 'server'), 'no-match');
    assert.deepEqual(faultsOf(detector), []);
    assert.equal(detector.readsServer, false);
    assert.match(detector.explain(), /ClientHello/);
  });

  it('says the same however the bytes are cut', () => {
    const bytes = fc.array(fc.constantFrom(22, 3, 1, 0, 2), { maxLength: 12 });
    fc.assert(
      fc.property(bytes, fc.nat(12), (given, cut) => {
        const whole = detect(Buffer.from(given).toString('hex'));
        const early = detect(Buffer.from(given.slice(0, cut)).toString('hex'));
        assert.ok(early === 'undecided' || early === whole);
      }),
    );
  });
});
