// How a handshake is begun, given up, and what is told of it. What either implementation must do is in tls-stream.test.ts.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { FakeStream } from '../../test/support/fake-stream.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { needs } from '../../test/support/needs.ts';
import type { OwnCertificate, PlanWish } from '../../test/support/openssl-lab.ts';
import { labPlan, MemoryEnd, SERVER_NAME, USUAL_SERVER } from '../../test/support/openssl-lab.ts';
import { readLive } from '../../test/support/read-live.ts';
import { turns } from '../../test/support/stream-recorder.ts';
import { suiteOwner } from '../../test/support/system-process.ts';
import { TestAuthority } from '../../test/support/test-authority.ts';
import { needsOpenSsl, testShare } from '../../test/support/tls-layers.ts';
import { SocketAddress } from '../address/socket-address.ts';
import type { StaticCertificate } from '../policy/certificate-source.ts';
import { staticCertificate } from '../policy/certificate-source.ts';
import type {
  ClientEncryption,
  ClientEncryptionOptions,
  ServerEncryption,
  ServerEncryptionOptions,
} from '../policy/encryption.ts';
import { clientOnlyEncryption, serverOnlyEncryption } from '../policy/encryption.ts';
import type { TlsResult } from '../session/tls-layer.ts';
import { EngineTls } from './engine-tls.ts';
import { OpenSslConnection } from './openssl-connection.ts';
import type { OpenSslContext } from './openssl-context.ts';

const SERVER = { address: SocketAddress.parse('192.0.2.1:443'), name: SERVER_NAME };
const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;

/** A handshake of ours over a stream that the test moves. */
class Visit {
  readonly wire = new FakeStream();
  readonly results: TlsResult[] = [];
  readonly giveUp: () => void;
  #carried = 0;
  /** What the peer has said and we have not been given. */
  #answer: Buffer = Buffer.alloc(0);

  constructor(begin: (wire: FakeStream, done: (result: TlsResult) => void) => () => void) {
    this.giveUp = begin(this.wire, (result) => this.results.push(result));
    assert.equal(this.results.length, 0, 'it calls back later');
  }

  /** What came of it, in short. */
  get outcome(): string {
    return this.results.map((one) => (one.ok ? 'secured' : one.failure.reason)).join();
  }

  get facts(): Extract<TlsResult, { ok: true }>['facts'] {
    const [result] = this.results;
    assert.ok(result?.ok === true, this.outcome);
    return result.facts;
  }

  unseen(): Buffer {
    const fresh = Buffer.from(this.wire.output, 'latin1').subarray(this.#carried);
    this.#carried += fresh.length;
    return fresh;
  }

  /** Carries what either says until both are silent, or for so many turns. */
  async carry(peer: MemoryEnd, maxTurns = Infinity): Promise<this> {
    this.#answer = Buffer.concat([this.#answer, peer.take()]);
    for (let turn = 0; turn < maxTurns; turn++) {
      if (this.#answer.length > 0) this.wire.says(this.#answer);
      this.wire.settle();
      const fresh = this.unseen();
      this.#answer = peer.take(fresh);
      if (fresh.length === 0) break;
    }
    await turns(1);
    return this;
  }
}

describe('TLS by the engine', { ...needs('openssl'), ...needsOpenSsl() }, () => {
  const owner = suiteOwner();
  const share = testShare();
  const clock = new ManualClock(Date.now());
  const tls = new EngineTls(share, clock, (problem) => assert.fail(problem));
  let authority: TestAuthority;
  let shown: StaticCertificate;
  let own: OwnCertificate;

  before(() => {
    authority = TestAuthority.make(owner);
    shown = readLive(() => staticCertificate(authority.issue(SERVER_NAME)));
    own = shown.text();
  });

  function ofClients(options: Partial<ClientEncryptionOptions> = {}): ClientEncryption {
    const side = readLive(
      () => clientOnlyEncryption({ clientCertificate: shown, ...options }).client,
    );
    return side ?? assert.fail('the options have a fault');
  }

  function ofServers(options: ServerEncryptionOptions = {}): ServerEncryption {
    const serverVerify = { authorities: authority.certificate, ...options.serverVerify };
    const side = readLive(() => serverOnlyEncryption({ ...options, serverVerify }).server);
    return side ?? assert.fail('the options have a fault');
  }

  function accept(side = ofClients()): Visit {
    return new Visit((wire, done) => tls.accept(wire, side, shown, done));
  }

  function connect(side = ofServers(), name = SERVER_NAME): Visit {
    return new Visit((wire, done) => tls.connect(wire, side, { ...SERVER, name }, done));
  }

  function contextOf(role: 'client' | 'server', wish: PlanWish = {}): OpenSslContext {
    const authorities = [readFileSync(authority.certificate, 'utf8')];
    const part =
      role === 'server' ? { certificate: own } : { trust: { authorities, revocationLists: [] } };
    return share.contexts.make(labPlan({ ...part, ...wish }));
  }

  function peer(role: 'client' | 'server', context = contextOf(role)): MemoryEnd {
    const begin = role === 'client' ? USUAL_SERVER : undefined;
    return new MemoryEnd(share, new OpenSslConnection(share, context, begin));
  }

  it('has one timer while a handshake is under way, and none after', async () => {
    assert.equal(clock.armed, 0);
    const client = await accept().carry(peer('client'));
    const server = await connect().carry(peer('server'));
    assert.deepEqual([client.outcome, server.outcome, clock.armed], ['secured', 'secured', 0]);
    assert.deepEqual([client.facts.version, server.facts.peer?.isTrusted], ['TLSv1.3', true]);
    assert.deepEqual([client.results.length, client.wire.calls], [1, []]);
  });

  it('gives up in its time, wherever the handshake is', async () => {
    for (const maxTurns of [0, 1]) {
      const visits = [
        [accept(), peer('client'), 'tls.client-timeout'],
        [connect(), peer('server'), 'tls.server-timeout'],
      ] as const;
      for (const [visit, other] of visits) await visit.carry(other, maxTurns);
      clock.advance(29_999);
      for (const [visit] of visits) assert.equal(visit.outcome, '');
      clock.advance(1);
      for (const [visit, , reason] of visits) {
        assert.deepEqual([visit.outcome, visit.wire.calls], [reason, ['destroy']]);
        visit.wire.says('late').settle();
        assert.equal(visit.results.length, 1);
      }
      assert.equal(clock.armed, 0);
    }
  });

  it('can be given up wherever it is, and calls nobody then', async () => {
    for (const maxTurns of [0, 1])
      for (const make of [accept, connect]) {
        const visit = make();
        const other = peer(make === accept ? 'client' : 'server');
        await visit.carry(other, maxTurns);
        visit.giveUp();
        visit.giveUp();
        await visit.carry(other);
        assert.deepEqual([visit.outcome, visit.wire.calls], ['', ['destroy']]);
        assert.equal(clock.armed, 0);
      }
  });

  it('fails once and later where it cannot begin', async () => {
    const broken = ofServers({ serverTls: { ciphers: 'NO-SUCH' } });
    const visit = connect(broken);
    assert.deepEqual([visit.outcome, visit.wire.calls], ['', ['destroy']]);
    await turns(1);
    assert.equal(visit.outcome, 'tls.server-handshake');
    const named = connect(ofServers(), 'a'.repeat(300));
    await turns(1);
    assert.equal(named.outcome, 'tls.server-handshake');
    assert.equal(clock.armed, 0);
  });

  it('calls nobody who has given up before it could not begin', async () => {
    const broken = connect(ofServers({ serverTls: { ciphers: 'NO-SUCH' } }));
    broken.giveUp();
    await turns(1);
    assert.equal(broken.outcome, '');
  });

  for (const maxVersion of VERSIONS)
    it(`tells a server of ${maxVersion} that is refused nothing more`, async () => {
      const options = { serverTls: { maxVersion }, serverVerify: { trusted: true } };
      const visit = connect(ofServers(options), 'else.example');
      const other = peer('server');
      await visit.carry(other, 1);
      const before = visit.wire.output.length;
      await visit.carry(other);
      assert.equal(visit.outcome, 'tls.certificate-name');
      assert.deepEqual(visit.wire.calls, ['destroy']);
      if (maxVersion === 'TLSv1.2') return; // its server is known only when its handshake is over
      assert.deepEqual([visit.wire.output.length, other.isShaken], [before, false]);
    });

  for (const maxVersion of VERSIONS)
    it(`resumes what a server of ${maxVersion} gave it, once for each`, async () => {
      const side = ofServers({ serverTls: { maxVersion } });
      const context = contextOf('server');
      const visits: boolean[] = [];
      const visit = async (says: string): Promise<void> => {
        const other = peer('server', context);
        const made = await connect(side).carry(other);
        visits.push(made.facts.isResumed);
        assert.equal(made.facts.peer?.subject, `CN=${SERVER_NAME}`);
        if (says !== '') made.wire.says(other.say(says));
        const [result] = made.results;
        assert.ok(result?.ok === true);
        const ignored = (): void => undefined;
        result.stream.listen({
          ...{ received: ignored, ended: ignored, drained: ignored, closed: ignored },
        });
        await made.carry(other);
        result.stream.destroy();
      };
      for (const says of ['tickets come before this', 'a', '', 'b']) await visit(says);
      // Where nothing is said the tickets are not looked at, but a server of TLS 1.3 has given two at first. One of TLS 1.2
      // gives one, and none for the one that it takes.
      const isGivenMore = maxVersion === 'TLSv1.3';
      assert.deepEqual(visits, [false, true, isGivenMore, isGivenMore]);
    });

  it('resumes no session under another policy, or of another server', async () => {
    const context = contextOf('server');
    const [one, two] = [ofServers(), ofServers()];
    const visit = async (side: ServerEncryption, name: string): Promise<boolean> => {
      const verify = side;
      const other = peer('server', context);
      const made = await connect(verify, name).carry(other);
      const [result] = made.results;
      assert.ok(result?.ok === true, made.outcome);
      const ignored = (): void => undefined;
      result.stream.listen({
        ...{ received: ignored, ended: ignored, drained: ignored, closed: ignored },
      });
      made.wire.says(other.say('over'));
      await made.carry(other);
      return made.facts.isResumed;
    };
    assert.equal(await visit(one, SERVER_NAME), false);
    assert.equal(await visit(two, SERVER_NAME), false);
    assert.equal(await visit(one, SERVER_NAME), true);
  });

  it('takes a certificate that is as long as one can be', async () => {
    const names = Array.from({ length: 4000 }, (_, at) => `DNS.${at}=${at}.shop.example`);
    const extensions = ['subjectAltName=@many', '[many]', ...names];
    const made = authority.issue('long', { extensions });
    const [certificate, privateKey] = [made.certificate, made.privateKey].map((file) =>
      readFileSync(file, 'utf8'),
    );
    assert.ok(certificate !== undefined && privateKey !== undefined);
    assert.ok(new X509Certificate(certificate).raw.length > 65_536);
    const long = { certificate, privateKey, passphrase: undefined };
    const visit = connect(ofServers(), '3999.shop.example');
    await visit.carry(peer('server', contextOf('server', { certificate: long })));
    assert.equal(visit.outcome, 'secured');
    assert.equal(visit.facts.peer?.isTrusted, true);
  });

  it('says why a client refuses, or is no client of TLS', async () => {
    const refusing = peer('client', contextOf('client', { tls: { maxVersion: 'TLSv1.2' } }));
    const strict = ofClients({ clientTls: { minVersion: 'TLSv1.3' } });
    assert.equal((await accept(strict).carry(refusing)).outcome, 'tls.version-refused');
    for (const [bytes, reason] of [
      ['GET / HTTP/1.1\r\n\r\n', 'tls.not-tls'],
      ['SSH-2.0-OpenSSH_9.2\r\n', 'tls.not-tls'],
      ['\x16\x03\x01\0\x02\x01\0', ''],
    ] as const) {
      const visit = accept();
      visit.wire.says(bytes).settle();
      assert.equal(visit.outcome, reason);
      visit.giveUp();
    }
    for (const end of ['ends', 'breaks'] as const) {
      const visit = accept();
      visit.wire[end]().settle();
      assert.equal(visit.outcome, 'tls.client-closed');
    }
    assert.equal(clock.armed, 0);
  });
});
