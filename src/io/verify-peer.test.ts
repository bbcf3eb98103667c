import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { needs } from '../../test/support/needs.ts';
import { readLive } from '../../test/support/read-live.ts';
import { suiteOwner } from '../../test/support/system-process.ts';
import { TestAuthority } from '../../test/support/test-authority.ts';
import { SocketAddress } from '../address/socket-address.ts';
import type { ServerVerifyOptions } from '../policy/certificate-verifier.ts';
import { serverOnlyEncryption } from '../policy/encryption.ts';
import type { TlsServer } from '../session/tls-layer.ts';
import type { ShownCertificate } from './verify-peer.ts';
import { verifyPeer } from './verify-peer.ts';

const DAY_MS = 24 * 3600 * 1000;
const server: TlsServer = { address: SocketAddress.parse('192.0.2.1:443'), name: 'www.example' };

describe('verifyPeer()', needs('openssl'), () => {
  const owner = suiteOwner();
  let authority: TestAuthority;
  let www: X509Certificate;

  before(() => {
    authority = TestAuthority.make(owner);
    const extensions = ['subjectAltName=DNS:www.example,DNS:*.shop.example,IP:192.0.2.1'];
    www = read(authority.issue('www.example', { extensions }).certificate);
  });

  function judge(
    options: ServerVerifyOptions,
    shown: Partial<ShownCertificate> = {},
    meant: TlsServer = server,
    now = Date.now(),
  ): string {
    const side = readLive(() => serverOnlyEncryption({ serverVerify: options }).server);
    assert.ok(side !== undefined, 'the options have a fault');
    const given = { certificate: www, finding: undefined, chain: [www], ...shown };
    const verified = verifyPeer(given, side.verifier, now, meant);
    if (!verified.ok) return verified.failure.reason;
    return verified.peer?.isTrusted === true ? 'trusted' : 'untrusted';
  }

  it('accepts a certificate without a finding, for the server that is meant', () => {
    assert.equal(judge({}), 'trusted');
    const by = (name: string | undefined): TlsServer => ({ ...server, name });
    for (const name of ['a.shop.example', undefined, '192.0.2.1'])
      assert.equal(judge({}, {}, by(name)), 'trusted', name);
    for (const name of ['example', 'shop.example', 'a.b.shop.example', 'www.example.org'])
      assert.equal(judge({}, {}, by(name)), 'tls.certificate-name', name);
    const elsewhere = { address: SocketAddress.parse('192.0.2.2:443'), name: undefined };
    assert.equal(judge({}, {}, elsewhere), 'tls.certificate-name');
    assert.equal(judge({ checkName: false }, {}, by('else.example')), 'trusted');
  });

  it('does not take a common name for a name', () => {
    const extensions = ['basicConstraints=CA:FALSE'];
    const certificate = read(authority.issue('cn.example', { extensions }).certificate);
    assert.equal(
      judge({}, { certificate }, { ...server, name: 'cn.example' }),
      'tls.certificate-name',
    );
  });

  it('refuses what OpenSSL found, each with its reason', () => {
    const reasons = {
      CERT_HAS_EXPIRED: 'tls.certificate-expired',
      CERT_NOT_YET_VALID: 'tls.certificate-not-yet-valid',
      CERT_REVOKED: 'tls.certificate-revoked',
      INVALID_PURPOSE: 'tls.certificate-purpose',
      DEPTH_ZERO_SELF_SIGNED_CERT: 'tls.certificate-untrusted',
      UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls.certificate-untrusted',
      UNABLE_TO_GET_CRL: 'tls.revocation-list',
      INVALID_CA: 'tls.certificate-untrusted',
      EE_CERTIFICATE_KEY_TOO_WEAK: 'tls.weak-certificate',
      PERMITTED_VIOLATION: 'tls.certificate-invalid',
    };
    for (const [finding, reason] of Object.entries(reasons))
      assert.equal(judge({}, { finding }), reason);
    assert.equal(judge({}, { chain: Array<X509Certificate>(6).fill(www) }), 'tls.chain-too-long');
    assert.equal(judge({ maxDepth: 0 }, { chain: [www, www] }), 'tls.chain-too-long');
  });

  it('tolerates what the policy does, and no more', () => {
    const untrusted = { finding: 'SELF_SIGNED_CERT_IN_CHAIN' };
    assert.equal(judge({ trusted: false }, untrusted), 'untrusted');
    assert.equal(
      judge({ trusted: false }, { finding: 'CERT_HAS_EXPIRED' }),
      'tls.certificate-expired',
    );
    const late = Date.now() + 60 * DAY_MS;
    assert.equal(judge({ trusted: false }, untrusted, server, late), 'tls.certificate-expired');
    assert.equal(
      judge({ trusted: false }, untrusted, server, Date.now() - 60 * DAY_MS),
      'tls.certificate-not-yet-valid',
    );
    const anything = { trusted: false, permitInvalidCertificates: true };
    assert.equal(judge(anything, untrusted, server, late), 'untrusted');
    assert.equal(judge(anything, { finding: 'CERT_HAS_EXPIRED' }), 'untrusted');
    assert.equal(
      judge(anything, { chain: Array<X509Certificate>(6).fill(www) }),
      'tls.chain-too-long',
    );
    const lenient = { permitMissingRevocationList: true };
    assert.equal(judge(lenient, { revocation: 'missing' }), 'untrusted');
    assert.equal(judge(lenient, { revocation: 'revoked' }), 'tls.certificate-revoked');
    assert.equal(judge(lenient, { revocation: 'unusable' }), 'tls.revocation-list');
    assert.equal(judge(lenient, { revocation: 'clear' }), 'trusted');
    const both = { ...untrusted, revocation: 'missing' } as const;
    assert.equal(judge(lenient, both), 'tls.certificate-untrusted');
    assert.equal(judge(lenient, { finding: 'UNABLE_TO_GET_CRL' }), 'tls.revocation-list');
  });

  it('vouches for nobody whose certificate is for another server, also where that is tolerated', () => {
    const lax = { trusted: false };
    assert.equal(judge(lax), 'trusted');
    for (const name of ['else.example', 'example', '.example', '.shop.example', undefined]) {
      const address = SocketAddress.parse('192.0.2.2:443');
      assert.equal(judge(lax, {}, { name, address }), 'untrusted', name);
      assert.equal(judge({}, {}, { name, address }), 'tls.certificate-name', name);
    }
    // Whoever says that names do not count leaves them to clients, who see those of the certificate.
    assert.equal(judge({ checkName: false }, {}, { ...server, name: 'else.example' }), 'trusted');
  });

  it('goes by a pinned certificate alone, where there is one', () => {
    const other = authority.issue('other.example');
    const pinned = { 'www.example': authority.join('copy', authority.folder + '/www.example.pem') };
    assert.equal(judge({ pinned }, { finding: 'CERT_HAS_EXPIRED' }), 'trusted');
    const certificate = read(other.certificate);
    assert.equal(judge({ pinned }, { certificate }), 'tls.certificate-not-pinned');
    const byAddress = { '192.0.2.1:443': other.certificate };
    assert.equal(judge({ pinned: byAddress }, { certificate }), 'trusted');
    assert.equal(judge({ pinned: byAddress }), 'tls.certificate-not-pinned');
    const elsewhere = { 'else.example': other.certificate };
    assert.equal(judge({ pinned: elsewhere }), 'trusted');
  });

  it('wants a certificate where one is required', () => {
    const { verifier } = readLive(() => serverOnlyEncryption().server) ?? {};
    assert.ok(verifier !== undefined);
    const none = verifyPeer(undefined, verifier, 0);
    assert.ok(!none.ok && none.failure.reason === 'tls.no-certificate-shown');
    assert.deepEqual(verifyPeer(undefined, { ...verifier, required: false }, 0), {
      ok: true,
      peer: undefined,
    });
  });
});

function read(file: string): X509Certificate {
  return new X509Certificate(readFileSync(file));
}
