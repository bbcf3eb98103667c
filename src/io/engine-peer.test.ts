// What the engine gets to know of its peers' certificates: all that OpenSSL takes, and nothing that was not checked.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { needs } from '../../test/support/needs.ts';
import { suiteOwner } from '../../test/support/system-process.ts';
import { TestAuthority } from '../../test/support/test-authority.ts';
import { needsOpenSsl, testShare } from '../../test/support/tls-layers.ts';
import { DEFAULT_TLS_OPTIONS } from '../policy/tls-options.ts';
import type { ContextPlan } from './context-library.ts';
import { OpenSslConnection } from './openssl-connection.ts';

const NAME = 'www.example';

describe('certificates of peers of the engine', { ...needs('openssl'), ...needsOpenSsl() }, () => {
  const owner = suiteOwner();
  let authority: TestAuthority;
  before(() => {
    authority = TestAuthority.make(owner);
  });

  /** Both ends of a connection after their handshake, the client's first. */
  function meet(extensions?: readonly string[]): () => Meeting {
    const made = authority.issue(NAME, extensions === undefined ? {} : { extensions });
    const { contexts } = testShare();
    const server = contexts.make({ ...PLAN, certificate: textsOf(made) });
    const trust = { authorities: [textOf(authority.certificate)], revocationLists: [] };
    const client = contexts.make({ ...PLAN, trust });
    let session: Uint8Array | undefined;
    return () => {
      const begin = { serverName: NAME, session, asksStaple: false };
      const ends = [
        new OpenSslConnection(testShare(), client, begin),
        new OpenSslConnection(testShare(), server),
      ] as const;
      shakeHands(ends);
      session = ends[0].session();
      return { ends, [Symbol.dispose]: () => ends.forEach((end) => end.free()) };
    };
  }

  it('are read also where they are as long as OpenSSL takes them', () => {
    const names = Array.from({ length: 1_500 }, (_, at) => `DNS:${'n'.repeat(40)}${at}.example`);
    using meeting = meet([`subjectAltName=DNS:${NAME},${names.join(',')}`])();
    const [encoded = Buffer.alloc(0)] = meeting.ends[0].chain();
    assert.ok(encoded.length > 70_000, String(encoded.length));
    assert.equal(new X509Certificate(encoded).checkHost(NAME), NAME);
    assert.equal(meeting.ends[0].verifyResult, 0);
  });

  it('count as not checked where a session was resumed', () => {
    const again = meet();
    using first = again();
    const [earlier] = first.ends;
    assert.deepEqual([earlier.chain().length, earlier.isChecked], [2, true]);
    using second = again();
    const [client] = second.ends;
    assert.deepEqual([client.isResumed, client.verifyResult], [true, 0]);
    assert.equal(client.isChecked, false);
  });
});

interface Meeting {
  readonly ends: readonly [OpenSslConnection, OpenSslConnection];
  [Symbol.dispose](): void;
}

/** TLS 1.2, where a session is there when the handshake is over. */
const PLAN: ContextPlan = {
  tls: { ...DEFAULT_TLS_OPTIONS, maxVersion: 'TLSv1.2' },
  ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  sessionIdContext: 'peer',
  hasTickets: true,
  asksClients: false,
  certificate: undefined,
  trust: undefined,
};

function shakeHands(ends: Meeting['ends']): void {
  const share = testShare();
  const done = [false, false];
  for (let turn = 0; turn < 20; turn++) {
    const side = turn % 2;
    const end = side === 0 ? ends[0] : ends[1];
    done[side] ||= end.handshake();
    assert.equal(end.error, undefined);
    share.put(Buffer.from(share.takeOutgoing()));
  }
  share.takeBack();
  assert.deepEqual(done, [true, true]);
}

function textsOf(made: { certificate: string; privateKey: string }): ContextPlan['certificate'] {
  const { certificate, privateKey } = made;
  return {
    certificate: textOf(certificate),
    privateKey: textOf(privateKey),
    passphrase: undefined,
  };
}

function textOf(file: string): string {
  return readFileSync(file, 'utf8');
}
