import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { sshDetector } from './ssh-detector.ts';

const detector = sshDetector();

function detect(text: string, isComplete: boolean, side: 'client' | 'server' = 'server'): string {
  return detector.detect(side, Buffer.from(text, 'latin1'), { isComplete });
}

const LONGEST = `SSH-2.0-${'x'.repeat(245)}\r\n`; // 255 bytes

describe('sshDetector()', () => {
  const matching = [
    'SSH-2.0-software_ver1.0.0\r\n',
    'SSH-1.99-software_ver1.0.0\r\n',
    'SSH-2.0-software_ver1.0.0 a=1;b=2\r\n',
    'SSH-2.0-software_ver1.0.0 some comment of words\r\n',
    'SSH-2.0-software_ver1.0.0 \r\n',
    'SSH-1.99-software_ver1.0.0\n',
    LONGEST,
  ];
  for (const banner of matching)
    it(`recognises ${JSON.stringify(banner).slice(0, 60)}`, () => {
      for (const side of ['client', 'server'] as const)
        assert.equal(detect(banner, false, side), 'match');
      assert.equal(detect(`${banner}\0\0\x01key exchange`, false), 'match');
    });

  const others = [
    '',
    'SSH-1.8-software\r\n',
    `SSH-2.0-${'x'.repeat(246)}\r\n`, // 256 bytes
    'SSH-2.0-\r\n',
    'SSH-2.0 software\r\n',
    'SSH-2.0-soft-ware\r\n',
    'SSH-2.0-soft\tware\r\n',
    'SSH-2.0-software\n',
    'SSH-2.0-software \x01\r\n',
    'GET / HTTP/1.1\r\n',
  ];
  for (const banner of others)
    it(`does not recognise ${JSON.stringify(banner).slice(0, 60)}`, () => {
      assert.equal(detect(banner, true), 'no-match');
    });

  it('waits for the end of a line that may become one, and for nothing else', () => {
    for (const banner of matching) {
      fc.assert(
        fc.property(fc.nat(banner.length - 1), (length) => {
          const begin = banner.slice(0, length);
          assert.equal(detect(begin, false), 'undecided');
          assert.equal(detect(begin, true), 'no-match');
        }),
        { numRuns: 20 },
      );
    }
    assert.equal(detect('SSH-3', false), 'no-match');
    assert.equal(detect('\x16\x03\x01', false), 'no-match');
    assert.equal(detect('SSH-2.0-x\n', false), 'no-match');
    assert.equal(detect(`SSH-2.0-${'x'.repeat(300)}`, false), 'no-match');
  });

  it('lets the server speak first, and explains itself', () => {
    assert.equal(detector.readsServer, true);
    assert.match(detector.explain(), /SSH 2/);
  });
});
