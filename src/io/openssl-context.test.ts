// A plan makes the same of either library: what it permits, what it refuses, and what is known of the peer.
import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { CallCounter } from '../../test/support/call-counter.ts';
import { collectGarbage } from '../../test/support/collect-garbage.ts';
import type { OwnCertificate, PlanWish } from '../../test/support/openssl-lab.ts';
import {
  carry,
  freeBoth,
  LabAuthority,
  labPlan,
  memoryPair,
} from '../../test/support/openssl-lab.ts';
import { turns } from '../../test/support/stream-recorder.ts';
import { needsOpenSsl, testShare } from '../../test/support/tls-layers.ts';
import type { Library, Meeting, SideOutcome } from '../../test/support/tls-meeting.ts';
import { meet, sideOf } from '../../test/support/tls-meeting.ts';
import { ExchangeableContext } from './exchangeable-context.ts';
import { OpenSslConnection } from './openssl-connection.ts';
import type { OpenSslContext } from './openssl-context.ts';
import { OpenSslShare } from './openssl-share.ts';
import { tlsFailure } from './tls-failure.ts';

const LIBRARIES: readonly Library[] = ['node', 'engine'];
const PAIRS = LIBRARIES.flatMap((client) => LIBRARIES.map((server) => ({ client, server })));

type Agreement = Exclude<SideOutcome, { error: string }>;

/** What is other than usual on each side, and what comes of it. */
interface Case {
  readonly client?: PlanWish;
  readonly server?: PlanWish;
  /** What the client comes to. */
  readonly agreed?: Partial<Agreement>;
  /** What the server knows. */
  readonly known?: Partial<Agreement>;
  /** Why there is no TLS, as the server says it. */
  readonly fails?: string;
}

const authority = new LabAuthority();
const own = authority.issue();
const trust = { authorities: [authority.certificate], revocationLists: [] };
const stranger = new LabAuthority('stranger');

const OLD = 'DEFAULT@SECLEVEL=0';
const [SMALL, LARGE] = ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384'];
const [SMALL_NEW, LARGE_NEW] = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384'];
const asking = { asksClients: true, hasTickets: false, trust };

const CASES: Readonly<Record<string, Case>> = {
  'the newest version and the strongest cipher': {
    agreed: { version: 'TLSv1.3', cipher: LARGE_NEW, finding: undefined, isResumed: false },
    known: { chain: [], finding: undefined },
  },
  'the newest version that both have': {
    server: { tls: { maxVersion: 'TLSv1.2' } },
    agreed: { version: 'TLSv1.2' },
  },
  'old versions where they are permitted': {
    client: { ciphers: OLD, tls: { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' } },
    server: { ciphers: OLD, tls: { minVersion: 'TLSv1', maxVersion: 'TLSv1' } },
    agreed: { version: 'TLSv1' },
  },
  'no version that is too old': {
    client: { ciphers: OLD, tls: { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' } },
    fails: 'tls.version-refused',
  },
  'the ciphers in the order of the server': {
    client: { ciphers: `${LARGE}:${SMALL}`, tls: { maxVersion: 'TLSv1.2' } },
    server: { ciphers: `${SMALL}:${LARGE}` },
    agreed: { version: 'TLSv1.2', cipher: SMALL },
  },
  'old ciphers that are named beside new ones that are not': {
    client: { ciphers: LARGE },
    server: { ciphers: SMALL },
    agreed: { version: 'TLSv1.3', cipher: LARGE_NEW },
  },
  'the new ciphers in the order of the server': {
    client: { ciphers: `${LARGE_NEW}:${SMALL_NEW}` },
    server: { ciphers: `${SMALL_NEW}:${LARGE_NEW}` },
    agreed: { version: 'TLSv1.3', cipher: SMALL_NEW },
  },
  'no old version where there are only new ciphers': {
    client: { tls: { maxVersion: 'TLSv1.2' } },
    server: { ciphers: `${SMALL_NEW}::` },
    fails: 'tls.version-refused',
  },
  'the newest version, whatever old ciphers are named': {
    server: { ciphers: SMALL, tls: { minVersion: 'TLSv1.3' } },
    agreed: { version: 'TLSv1.3', cipher: LARGE_NEW },
  },
  'no cipher that only one has': {
    client: { ciphers: SMALL, tls: { maxVersion: 'TLSv1.2' } },
    server: { ciphers: LARGE },
    fails: 'tls.no-shared-cipher',
  },
  'the groups that both have': {
    client: { tls: { groups: 'X25519:P-384' } },
    server: { tls: { groups: 'P-384:P-256' } },
    agreed: { version: 'TLSv1.3' },
  },
  'no group that only one has': {
    client: { tls: { groups: 'P-384' } },
    server: { tls: { groups: 'P-256' } },
    fails: 'tls.no-shared-cipher',
  },
  'a protocol of both, in the order of the server': {
    client: { tls: { applicationProtocols: ['one', 'two', 'three'] } },
    server: { tls: { applicationProtocols: ['none', 'three', 'two'] } },
    agreed: { protocol: 'three' },
    known: { protocol: 'three' },
  },
  'no protocol of one alone': {
    client: { tls: { applicationProtocols: ['one'] } },
    server: { tls: { applicationProtocols: ['two'] } },
    fails: 'tls.client-handshake',
  },
  'no protocol where the server has none': {
    client: { tls: { applicationProtocols: ['one'] } },
    agreed: { protocol: undefined },
  },
  'the whole chain, as far as it is trusted': {
    agreed: { chain: ['DNS:www.example', 'CN=authority'], finding: undefined },
  },
  'a server that nobody knows, and that is told': {
    client: { trust: { authorities: [stranger.certificate], revocationLists: [] } },
    agreed: { chain: ['DNS:www.example'], finding: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
  },
  'nobody who is trusted': {
    client: { trust: undefined },
    agreed: { finding: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
  },
  'no server without a certificate': {
    server: { certificate: undefined },
    fails: 'tls.no-shared-cipher',
  },
  'a client that shows nothing where it is asked': {
    server: asking,
    known: { chain: [], finding: undefined },
  },
  'a client that shows a certificate where it is asked': {
    client: { certificate: own },
    server: asking,
    // One that is made on the fly is for servers.
    known: { chain: ['DNS:www.example', 'CN=authority'], finding: 'INVALID_PURPOSE' },
  },
  'a client that is not asked': { client: { certificate: own }, known: { chain: [] } },
  'a key with a passphrase': { server: { certificate: locked('a passphrase') } },
};

function locked(passphrase: string): OwnCertificate {
  const form = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc' } as const;
  const key = createPrivateKey(own.privateKey).export({ ...form, passphrase });
  return { ...own, privateKey: key.toString(), passphrase };
}

/** What a client and a server of each library come to: the same everywhere. */
async function meetEverywhere({ client, server }: Case): Promise<Omit<Meeting, 'session'>> {
  const all: Omit<Meeting, 'session'>[] = [];
  for (const pair of PAIRS) {
    const asking = sideOf(pair.client, labPlan({ trust, ...client }));
    const answering = sideOf(pair.server, labPlan({ certificate: own, ...server }));
    const { client: ofClient, server: ofServer } = await meet(asking, answering);
    const outcome = { client: inWords(ofClient), server: inWords(ofServer) };
    all.push(outcome);
    assert.deepEqual(outcome, all[0], `${pair.client} meets ${pair.server}`);
  }
  return all[0] ?? assert.fail();
}

/**
 * Errors by their reasons: what the libraries do not see alike is what it is called. Of a client that is refused it is
 * no more than that: a link may lose the alert.
 */
function inWords(outcome: SideOutcome): SideOutcome {
  if (!('error' in outcome)) return outcome;
  const code = outcome.error;
  const isTold = /_ALERT_|^closed$/.test(code);
  return {
    error: isTold ? 'refused' : tlsFailure('client', Object.assign(new Error(), { code })).reason,
  };
}

describe('a plan for contexts, by Node and by the engine', needsOpenSsl(), () => {
  for (const [what, one] of Object.entries(CASES))
    it(`has ${what}`, async () => {
      const { client, server } = await meetEverywhere(one);
      if (one.fails !== undefined) {
        assert.deepEqual([client, server], [{ error: 'refused' }, { error: one.fails }]);
        return;
      }
      assert.ok(!('error' in client) && !('error' in server), JSON.stringify([client, server]));
      assert.deepEqual({ ...client, ...one.agreed }, client);
      assert.deepEqual({ ...server, ...one.known }, server);
    });

  const UNFIT: Readonly<Record<string, PlanWish>> = {
    'ciphers that nobody knows': { ciphers: 'NO-SUCH' },
    'new ciphers that nobody knows': { ciphers: 'TLS_NO_SUCH' },
    'groups that nobody knows': { tls: { groups: 'NO-SUCH' } },
    'no certificate': { certificate: { ...own, certificate: 'none' } },
    'no key': { certificate: { ...own, privateKey: 'none' } },
    'the key of another certificate': { certificate: { ...own, privateKey: stranger.privateKey } },
    'another passphrase': { certificate: { ...locked('one'), passphrase: 'two' } },
    'no passphrase': { certificate: { ...locked('one'), passphrase: undefined } },
    'a broken chain': { certificate: { ...own, certificate: `${own.certificate}${broken()}` } },
    'a broken list': { trust: { ...trust, revocationLists: ['none'] } },
  };
  for (const [what, wish] of Object.entries(UNFIT))
    it(`is refused for ${what}`, () => {
      for (const library of LIBRARIES)
        assert.throws(
          () => sideOf(library, labPlan({ certificate: own, ...wish })),
          Error,
          library,
        );
    });

  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const)
    it(`has sessions of ${maxVersion} resumed where there are tickets, and in one place`, async () => {
      for (const library of LIBRARIES) {
        const tls = { maxVersion };
        const asking = sideOf(library, labPlan({ trust, tls }));
        const places = [{}, { sessionIdContext: 'elsewhere' }, { hasTickets: false }].map((wish) =>
          sideOf('engine', labPlan({ certificate: own, tls, ...wish })),
        );
        const [place = assert.fail(), elsewhere = assert.fail(), none = assert.fail()] = places;
        const { session } = await meet(asking, place);
        assert.ok(session !== undefined);
        assert.equal(isResumed(await meet(asking, place, session)), true);
        assert.equal(isResumed(await meet(asking, elsewhere, session)), false);
        assert.equal(isResumed(await meet(asking, none, session)), false);
        const { session: refused } = await meet(asking, none);
        assert.equal(isResumed(await meet(asking, place, refused)), false);
      }
    });
});

describe('contexts of the engine', needsOpenSsl(), () => {
  const share = testShare();

  /** What a server says first to a client of TLS 1.2, where all of it can be read. */
  function firstFlight(server: PlanWish): Buffer {
    const tls = { maxVersion: 'TLSv1.2' } as const;
    const contexts = {
      client: share.contexts.make(labPlan({ tls })),
      server: share.contexts.make(labPlan({ certificate: own, ...server })),
    };
    const pair = memoryPair(share, contexts);
    const flight = pair.server.take(pair.client.take());
    freeBoth(pair);
    return flight;
  }

  it('tell clients whose certificates are good', () => {
    const NAME = Buffer.from('authority');
    const count = (flight: Buffer): number =>
      flight.toString('latin1').split(NAME.toString('latin1')).length - 1;
    const alone = count(firstFlight({ trust })); // in the certificates that are shown
    assert.equal(count(firstFlight(asking)), alone + 1);
    const two = [authority.certificate, stranger.certificate];
    const flight = firstFlight({ ...asking, trust: { ...trust, authorities: two } });
    assert.deepEqual([count(flight), flight.includes('stranger')], [alone + 1, true]);
  });

  it('have their certificate exchanged, and resume sessions of no other one', () => {
    const names = ['one.example', 'two.example'];
    const [one = '', two = ''] = names.map((name) => authority.issue(name).certificate);
    const client = share.contexts.make(labPlan({ trust }));
    const server = share.contexts.make(labPlan({ certificate: { ...own, certificate: one } }));
    const exchangeable = new ExchangeableContext(server, share.contexts.exchangeOf(server));
    const visit = (session?: Buffer): [name: string | undefined, isResumed: boolean, Buffer] => {
      const pair = memoryPair(share, { client, server }, { session });
      carry(pair);
      const { connection } = pair.client;
      const { subjectAltName } = new X509Certificate(connection.chain()[0] ?? assert.fail());
      const given = connection.session() ?? assert.fail();
      const seen = [subjectAltName, connection.isResumed] as const;
      freeBoth(pair);
      return [...seen, given];
    };
    exchangeable.show(one);
    const [, , session] = visit();
    assert.deepEqual(visit(session).slice(0, 2), ['DNS:one.example', true]);
    exchangeable.show(two);
    assert.deepEqual(visit(session).slice(0, 2), ['DNS:two.example', false]);
    assert.deepEqual(visit().slice(0, 2), ['DNS:two.example', false]);
    assert.throws(() => exchangeable.show('none'));
    exchangeable.show(one);
    assert.deepEqual(visit(session).slice(0, 2), ['DNS:one.example', true]);
  });

  it('are freed when nobody has them, and not before', async () => {
    const counter = new CallCounter(share.openSsl);
    const counted = new OpenSslShare(counter.openSsl);
    const make = (): OpenSslContext => counted.contexts.make(labPlan({ certificate: own, trust }));
    const kept = new OpenSslConnection(counted, make());
    for (let count = 0; count < 50; count++) make();
    assert.throws(() => counted.contexts.make(labPlan({ ciphers: 'NO-SUCH' })));
    const alive = (): number => counter.alive['contexts'] ?? 0;
    assert.equal(alive(), 52);
    for (let turn = 0; turn < 50 && alive() !== 1; turn++) {
      collectGarbage();
      await turns(1);
    }
    assert.equal(alive(), 1, 'that of the connection');
    assert.equal(kept.handshake(), false);
    assert.equal(kept.error, undefined);
    kept.free();
    const { certificates, keys } = counter.alive;
    assert.deepEqual([certificates, keys], [undefined, undefined]);
  });
});

function isResumed({ client }: Meeting): boolean {
  assert.ok(!('error' in client), JSON.stringify(client));
  return client.isResumed;
}

function broken(): string {
  return own.certificate.replace(/\n.{8}/, '\nAAAAAAAA');
}
