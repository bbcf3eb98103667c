import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hello, serverName } from '../../../test/support/client-hello.ts';
import type { Detection, Detector } from '../../proxy/detector.ts';
import { faultsOf } from '../../proxy/policy-fault.ts';
import type { SniDetectorOptions } from './sni-detector.ts';
import { sniDetector } from './sni-detector.ts';

function isBank(name: string): boolean {
  return name === 'bank.example';
}

const detector = sniDetector({ serverName: isBank });
const named = hello({ extensions: [[0x1a1a, Buffer.alloc(1)], serverName('Bank.example')] });

function detect(bytes: Uint8Array, isComplete = false, which: Detector = detector): Detection {
  return which.detect('client', bytes, { isComplete });
}

describe('sniDetector()', () => {
  it('recognises clients by the server that they ask for', () => {
    assert.equal(detect(named), 'match');
    assert.equal(detect(Buffer.concat([named, Buffer.from('more')]), true), 'match');
    assert.equal(detect(hello({ extensions: [serverName('shop.example')] })), 'no-match');
    assert.equal(detector.detect('server', named, { isComplete: false }), 'no-match');
  });

  it('does not recognise those that name none, or send something else', () => {
    const others = [
      'GET / HTTP/1.1\r\n',
      '\x16\x03\x01\x00\x00',
      '\x16\x03\x05',
      '\x16\x03\x01\x00\x01\x02',
    ];
    for (const text of others) assert.equal(detect(Buffer.from(text, 'latin1')), 'no-match');
    for (const extensions of [undefined, []])
      assert.equal(detect(hello({ extensions })), 'no-match');
    assert.equal(detect(hello({ extensions: [serverName('192.0.2.1')] })), 'no-match');
  });

  it('asks for more as long as the hello is not complete', () => {
    for (let length = 0; length < named.length; length++) {
      assert.equal(detect(named.subarray(0, length)), 'undecided');
      assert.equal(detect(named.subarray(0, length), true), 'no-match');
    }
  });

  it('does not trust the name beside an encrypted hello where the policy says so', () => {
    const encrypted = hello({
      extensions: [serverName('bank.example'), [0xfe0d, Buffer.alloc(4)]],
    });
    assert.equal(detect(encrypted), 'match');
    const strict = sniDetector({ serverName: isBank, permitEncryptedHello: false });
    assert.equal(detect(encrypted, false, strict), 'no-match');
    assert.equal(detect(named, false, strict), 'match');
  });

  it('says what it does, and what is wrong with its options', () => {
    assert.equal(
      detector.explain(),
      'the client asks by TLS for a server whose name satisfies isBank()',
    );
    assert.deepEqual(faultsOf(detector), []);
    const bad = sniDetector({ serverName: 'bank.example' } as unknown as SniDetectorOptions);
    assert.match(faultsOf(bad)[0]?.cure ?? '', /give a matcher/);
    assert.equal(detect(named, false, bad), 'no-match');
  });
});
