// What checkPeer makes of what is known of a peer; that each finding has its meaning is in verify-peer.test.ts.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { needs } from '../../test/support/needs.ts';
import { ocspAnswer } from '../../test/support/ocsp-answers.ts';
import { readLive } from '../../test/support/read-live.ts';
import { samplePeer } from '../../test/support/sample-peer.ts';
import { suiteOwner } from '../../test/support/system-process.ts';
import type { MadeCertificate } from '../../test/support/test-authority.ts';
import { TestAuthority } from '../../test/support/test-authority.ts';
import { SocketAddress } from '../address/socket-address.ts';
import type { ServerVerifyOptions } from '../policy/certificate-verifier.ts';
import { serverOnlyEncryption } from '../policy/encryption.ts';
import { nodeContexts } from './node-contexts.ts';
import type { CheckedPeer, Handshaken } from './peer-check.ts';
import { checkPeer } from './peer-check.ts';
import { ServerVisit } from './server-visit.ts';
import { TlsContexts } from './tls-contexts.ts';
import { TlsSessions } from './tls-sessions.ts';

const NAME = 'www.example';
const SERVER = { address: SocketAddress.parse('192.0.2.1:443'), name: NAME };

describe('checkPeer()', needs('openssl'), () => {
  const owner = suiteOwner();
  const contexts = new TlsContexts(nodeContexts, () => undefined);
  let authority: TestAuthority;
  let own: MadeCertificate;

  before(() => {
    authority = TestAuthority.make(owner);
    own = authority.issue(NAME);
  });

  function verifierOf(options: ServerVerifyOptions): NonNullable<Handshaken['verifier']> {
    const authorities = authority.certificate;
    const side = readLive(
      () => serverOnlyEncryption({ serverVerify: { authorities, ...options } }).server,
    );
    return side?.verifier ?? assert.fail('the options have a fault');
  }

  /** What a server has shown: its certificate and that of the authority. */
  function shown(finding?: string): NonNullable<ReturnType<Handshaken['shown']>> {
    const chain = [own.certificate, authority.certificate].map(
      (file) => new X509Certificate(readFileSync(file)),
    );
    return { certificate: chain[0] ?? assert.fail(), chain, finding };
  }

  function visitOf(sessions = new TlsSessions()): ServerVisit {
    const visit = new ServerVisit(SERVER, new ManualClock(), 1000);
    visit.begin(sessions);
    return visit;
  }

  /** The check of a server that has shown a good certificate, but for what is otherwise. */
  function check(change: Partial<Handshaken>, options: ServerVerifyOptions = {}): CheckedPeer {
    const usual = { visit: visitOf(), isResumed: false, shown: () => shown() };
    return checkPeer({ verifier: verifierOf(options), ...usual, ...change }, contexts, Date.now());
  }

  function reason(checked: CheckedPeer): string {
    return checked.ok ? `trusted: ${String(checked.peer?.isTrusted)}` : checked.failure.reason;
  }

  it('asks nothing of a peer where nothing is to be asked', () => {
    const never = (): never => assert.fail('it is not looked at');
    assert.deepEqual(check({ verifier: undefined, shown: never }), { ok: true, peer: undefined });
  });

  it('accepts a good one, and has its session kept', () => {
    const sessions = new TlsSessions();
    const visit = visitOf(sessions);
    visit.given(Buffer.from('early'));
    const checked = check({ visit });
    assert.equal(reason(checked), 'trusted: true');
    assert.deepEqual(visitOf().begin(sessions), { session: Buffer.from('early') });
  });

  it('refuses a bad one, and keeps no session of it', () => {
    const sessions = new TlsSessions();
    const visit = visitOf(sessions);
    visit.given(Buffer.from('early'));
    assert.equal(
      reason(check({ visit, shown: () => shown('CERT_HAS_EXPIRED') })),
      'tls.certificate-expired',
    );
    assert.deepEqual(visitOf().begin(sessions), {});
    assert.equal(reason(check({ shown: () => undefined })), 'tls.no-certificate-shown');
  });

  it('knows who it is that resumes a session', () => {
    const sessions = new TlsSessions();
    const peer = samplePeer();
    const first = visitOf(sessions);
    first.given(Buffer.from('session'));
    first.accepted(peer);
    const again = visitOf(sessions);
    const never = (): never => assert.fail('nothing was shown');
    assert.deepEqual(check({ visit: again, isResumed: true, shown: never }), { ok: true, peer });
    // What was not begun with a session of ours cannot have been resumed.
    assert.equal(reason(check({ isResumed: true })), 'trusted: true');
  });

  it('looks into lists that OpenSSL was not given', () => {
    const listed = (...names: readonly string[]): ServerVerifyOptions => ({
      revocationLists: authority.revoke(...names),
      permitMissingRevocationList: true,
    });
    assert.equal(reason(check({}, listed())), 'trusted: true');
    assert.equal(reason(check({}, listed(NAME))), 'tls.certificate-revoked');
    assert.equal(reason(check({ shown: () => undefined }, listed())), 'tls.no-certificate-shown');
  });

  it('looks at what is stapled, unless that is off', () => {
    const stapled = (status: 'good' | 'revoked'): ServerVisit => {
      const visit = visitOf();
      visit.staple = ocspAnswer(own.certificate, authority.made, { status });
      return visit;
    };
    assert.equal(reason(check({ visit: stapled('good') }, { ocsp: 'require' })), 'trusted: true');
    assert.equal(reason(check({}, { ocsp: 'require' })), 'tls.ocsp-missing');
    const revoked = { visit: stapled('revoked') };
    assert.equal(reason(check(revoked)), 'tls.certificate-revoked');
    assert.equal(reason(check(revoked, { ocsp: 'off' })), 'trusted: true');
  });

  it('checks clients without a visit', () => {
    assert.equal(reason(check({ visit: undefined }, { ocsp: 'off' })), 'trusted: true');
  });
});
