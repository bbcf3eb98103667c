import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hello, serverName } from '../../../test/support/client-hello.ts';
import { samplePeer } from '../../../test/support/sample-peer.ts';
import { faultsOf } from '../../proxy/policy-fault.ts';
import type { CertificateDetectorOptions } from './certificate-detector.ts';
import { certificateDetector } from './certificate-detector.ts';

function isBank(name: string): boolean {
  return name === 'bank.example';
}

const FINGERPRINT = Array.from({ length: 32 }, () => 'AB').join(':');
const detector = certificateDetector({ hostName: isBank });
const bank = {
  names: ['www.other.example', 'Bank.example'],
  subject: 'CN=bank',
  issuer: 'CN=root',
};

function judge(
  options: CertificateDetectorOptions,
  shown: Parameters<typeof samplePeer>[0],
): boolean {
  return (
    certificateDetector(options).judgeCertificate?.(samplePeer({ ...bank, ...shown })) === true
  );
}

describe('certificateDetector()', () => {
  it('asks for a certificate once the hello is complete, whomever it asks for', () => {
    for (const extensions of [[serverName('liar.example')], []]) {
      const bytes = hello({ extensions });
      assert.equal(detector.detect('client', bytes, { isComplete: false }), 'certificate');
      for (let length = 0; length < bytes.length; length++) {
        const part = bytes.subarray(0, length);
        assert.equal(detector.detect('client', part, { isComplete: false }), 'undecided');
        assert.equal(detector.detect('client', part, { isComplete: true }), 'no-match');
      }
      assert.equal(detector.detect('server', bytes, { isComplete: false }), 'no-match');
    }
    assert.equal(
      detector.detect('client', Buffer.from('GET / '), { isComplete: false }),
      'no-match',
    );
  });

  it('judges by any of the names, in lower case', () => {
    assert.equal(judge({ hostName: isBank }, {}), true);
    assert.equal(judge({ hostName: isBank }, { names: ['shop.example'] }), false);
    assert.equal(judge({ hostName: isBank }, { names: [] }), false);
  });

  it('judges by subject and issuer, and demands all that it asks for', () => {
    const options = { hostName: isBank, subject: (text: string) => text === 'CN=bank' };
    assert.equal(judge(options, {}), true);
    assert.equal(judge(options, { subject: 'CN=x' }), false);
    assert.equal(judge(options, { names: [] }), false);
    assert.equal(judge({ issuer: (text) => text === 'CN=root' }, {}), true);
    assert.equal(judge({ issuer: (text) => text === 'CN=root' }, { issuer: 'CN=x' }), false);
  });

  it('does not believe a certificate for which nobody vouches, unless it is told to', () => {
    assert.equal(judge({ hostName: isBank }, { isTrusted: false }), false);
    assert.equal(judge({ hostName: isBank, trusted: false }, { isTrusted: false }), true);
  });

  it('knows certificates by their fingerprints, which need nobody to vouch for them', () => {
    for (const one of [FINGERPRINT, FINGERPRINT.replaceAll(':', '').toLowerCase()]) {
      const options = { fingerprints: [one] };
      assert.equal(judge(options, { fingerprint: FINGERPRINT, isTrusted: false }), true);
      assert.equal(judge(options, { fingerprint: FINGERPRINT.replace('AB', 'AC') }), false);
    }
  });

  it('says what it does, and what is wrong with its options', () => {
    const all = certificateDetector({
      ...{ hostName: isBank, subject: isBank, issuer: isBank },
      ...{ trusted: true, fingerprints: [FINGERPRINT] },
    });
    assert.equal(
      detector.explain(),
      'the server that the client asks for by TLS shows a certificate that has a name that satisfies isBank() and is trusted',
    );
    assert.match(all.explain(), /a subject that .* an issuer that .* one of 1 fingerprints$/);
    assert.deepEqual(faultsOf(all), []);
    const cures = (options: unknown): string =>
      faultsOf(certificateDetector(options as CertificateDetectorOptions))
        .map(({ cure }) => cure)
        .join();
    assert.match(cures({ trusted: false }), /give hostName, subject, issuer or fingerprints/);
    assert.match(cures({ hostName: 'bank.example' }), /give a matcher/);
    for (const fingerprints of [[], ['AB'], 'AB'])
      assert.match(cures({ fingerprints }), /give SHA-256 fingerprints/);
    assert.match(cures({ hostName: isBank, trusted: 'no' }), /give true or false/);
  });
});
