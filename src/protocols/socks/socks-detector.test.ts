import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toBytes } from '../../../test/support/latin1.ts';
import type { Detection } from '../../proxy/detector.ts';
import { socksDetector } from './socks-detector.ts';

describe('socksDetector()', () => {
  const detector = socksDetector();
  const cases: readonly (readonly [text: string, soFar: Detection, inTheEnd: Detection])[] = [
    ['', 'undecided', 'no-match'],
    ['\x05', 'undecided', 'no-match'],
    ['\x05\x02\0', 'undecided', 'no-match'],
    ['\x05\x02\0\x02', 'match', 'match'],
    ['\x05\0', 'no-match', 'no-match'],
    ['\x04', 'undecided', 'no-match'],
    ['\x04\x01', 'match', 'match'],
    ['\x04\x03', 'no-match', 'no-match'],
    ['GET / HTTP/1.1\r\n', 'no-match', 'no-match'],
    ['\x16\x03\x01', 'no-match', 'no-match'],
  ];
  for (const [text, soFar, inTheEnd] of cases)
    it(`finds ${JSON.stringify(text)}: ${soFar}`, () => {
      assert.equal(detector.detect('client', toBytes(text), { isComplete: false }), soFar);
      assert.equal(detector.detect('client', toBytes(text), { isComplete: true }), inTheEnd);
      assert.equal(detector.detect('server', toBytes(text), { isComplete: false }), 'no-match');
    });

  it('says what it knows', () => assert.match(detector.explain(), /SOCKS 5 or 4/));
});
