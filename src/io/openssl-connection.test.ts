// Two connections in memory, and what a peer may say. What the same does to streams is in engine-stream.test.ts, and
// bytes by chance are in test/laws/tls-engine.test.ts.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import type { MemoryPair, PlanWish } from '../../test/support/openssl-lab.ts';
import {
  carry,
  freeBoth,
  LabAuthority,
  labPlan,
  memoryPair,
  SERVER_NAME,
  USUAL_SERVER,
} from '../../test/support/openssl-lab.ts';
import { needsOpenSsl, testShare } from '../../test/support/tls-layers.ts';
import { allocateGuarded } from './guarded-memory.ts';
import type { ServerHandshake } from './openssl-connection.ts';
import { OpenSslConnection } from './openssl-connection.ts';
import { OpenSslContext } from './openssl-context.ts';
import { OpenSslError } from './openssl-error.ts';

const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;
/** The first thing that OpenSSL has to say about a record that was changed. */
const CHANGED = {
  'TLSv1.2': 'ERR_SSL_CIPHER_OPERATION_FAILED',
  'TLSv1.3': 'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC',
};
const ALERT = 21;
const HANDSHAKE = 22;

/** A pair that a test has begun, and frees. */
type UsedPair = MemoryPair & Disposable;

describe('a connection of OpenSSL', needsOpenSsl(), () => {
  const share = testShare();
  const authority = new LabAuthority();
  const trust = { authorities: [authority.certificate], revocationLists: [] };
  const own = authority.issue();

  function contextsOf(client: PlanWish, server: PlanWish) {
    return {
      client: share.contexts.make(labPlan({ trust, ...client })),
      server: share.contexts.make(labPlan({ certificate: own, ...server })),
    };
  }

  /** A pair before its handshake. */
  function begin(
    wish: { readonly client?: PlanWish; readonly server?: PlanWish } = {},
    asked?: Partial<ServerHandshake>,
  ): UsedPair {
    return used(memoryPair(share, contextsOf(wish.client ?? {}, wish.server ?? {}), asked));
  }

  function used(pair: MemoryPair): UsedPair {
    return { ...pair, [Symbol.dispose]: () => freeBoth(pair) };
  }

  /** A pair behind its handshake. */
  function secured(...wish: Parameters<typeof begin>): UsedPair {
    const pair = begin(...wish);
    carry(pair);
    assert.ok(pair.client.isShaken && pair.server.isShaken);
    return pair;
  }

  function nothingIsLeft(): void {
    assert.deepEqual([share.takeBack().length, share.takeOutgoing().length], [0, 0]);
  }

  for (const maxVersion of VERSIONS)
    it(`secures and carries bytes by ${maxVersion}, in whatever pieces they come`, () => {
      for (const pieceBytes of [1, 5, 1000, Infinity]) {
        using pair = begin({ client: { tls: { maxVersion } } });
        carry(pair, pieceBytes);
        const { client, server } = pair;
        assert.deepEqual([client.isShaken, server.isShaken], [true, true]);
        const long = Buffer.alloc(200_000, 'from the client. ');
        for (let at = 0; at < long.length; at += 70_000)
          server.take(client.say(long.subarray(at, at + 70_000)));
        assert.deepEqual(server.heard, long);
        for (const byte of server.say('from the server')) client.take(Buffer.of(byte));
        assert.equal(client.heard.toString(), 'from the server');
        nothingIsLeft();
      }
    });

  for (const maxVersion of VERSIONS)
    it(`knows by ${maxVersion} whether a record has come in part`, () => {
      using pair = secured({ client: { tls: { maxVersion } } });
      const { client, server } = pair;
      const record = server.say('an answer');
      const isWithin = [...record].map((byte) => {
        client.take(Buffer.of(byte));
        return client.connection.isWithinRecord;
      });
      assert.deepEqual(isWithin, [...Array<boolean>(record.length - 1).fill(true), false]);
      assert.equal(client.heard.toString(), 'an answer');
    });

  for (const maxVersion of VERSIONS)
    it(`says what a handshake of ${maxVersion} came to`, () => {
      const protocols = { applicationProtocols: ['h2', 'http/1.1'] };
      using pair = secured({
        client: { tls: { maxVersion, applicationProtocols: ['none', 'http/1.1', 'h2'] } },
        server: { tls: protocols },
      });
      for (const { connection } of [pair.client, pair.server]) {
        assert.equal(connection.version, maxVersion);
        assert.match(connection.cipher, /^(?:TLS|ECDHE)[A-Z0-9_-]+$/);
        assert.equal(connection.applicationProtocol, 'h2');
        assert.deepEqual([connection.isResumed, connection.state], [false, 'open']);
        assert.deepEqual([connection.error, connection.staple], [undefined, undefined]);
      }
      assert.equal(pair.client.connection.cipher, pair.server.connection.cipher);
      assert.equal(pair.server.connection.serverName, SERVER_NAME);
      assert.equal(pair.client.connection.verifyResult, 0);
      const chain = pair.client.connection.chain().map((one) => new X509Certificate(one));
      assert.deepEqual(
        chain.map(({ raw }) => raw.toString('hex')),
        [own.certificate, authority.certificate].map((pem) =>
          new X509Certificate(pem).raw.toString('hex'),
        ),
      );
      assert.deepEqual(pair.server.connection.chain(), []);
    });

  it('says what is wrong with a chain, and goes on', () => {
    using pair = secured({ client: { trust: undefined } });
    const UNABLE_TO_VERIFY_LEAF_SIGNATURE = 21;
    assert.equal(pair.client.connection.verifyResult, UNABLE_TO_VERIFY_LEAF_SIGNATURE);
    assert.deepEqual(
      pair.client.connection.chain().map((one) => new X509Certificate(one).subjectAltName),
      [`DNS:${SERVER_NAME}`],
      'nobody knows the issuer',
    );
  });

  it('asks for no server by name, and for no protocol, where it is told of none', () => {
    using pair = secured({}, { serverName: undefined });
    const { serverName, applicationProtocol } = pair.server.connection;
    assert.deepEqual([serverName, applicationProtocol], [undefined, undefined]);
  });

  it('ends the handshake where no protocol is shared, and only there (RFC 7301, 3.2)', () => {
    const offered = { tls: { applicationProtocols: ['one'] } };
    using pair = begin({ client: offered, server: { tls: { applicationProtocols: ['two'] } } });
    carry(pair);
    assert.equal(pair.client.connection.error?.code, 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL');
    using silent = secured({ server: offered });
    assert.equal(silent.server.connection.applicationProtocol, undefined);
  });

  for (const maxVersion of VERSIONS)
    it(`resumes a session of ${maxVersion} that it has given out as bytes`, () => {
      const contexts = contextsOf({ tls: { maxVersion } }, {});
      using first = used(memoryPair(share, contexts));
      carry(first);
      const session = first.client.connection.session();
      assert.ok(session !== undefined && session.length > 100);
      using again = used(memoryPair(share, contexts, { session }));
      carry(again);
      const { client, server } = again;
      assert.deepEqual([client.connection.isResumed, server.connection.isResumed], [true, true]);
      assert.equal(client.connection.verifyResult, 0);
      // Before TLS 1.3 a name belongs to the session, and OpenSSL keeps none that nobody was asked about.
      const name = maxVersion === 'TLSv1.3' ? SERVER_NAME : undefined;
      assert.equal(server.connection.serverName, name);
      server.take(client.say('resumed'));
      assert.equal(server.heard.toString(), 'resumed');
      const isGivenAnother = client.connection.session() !== undefined;
      assert.equal(isGivenAnother, maxVersion === 'TLSv1.3');
    });

  it('has no session before there are tickets, and none of a server that gives none', () => {
    const { client, server } = begin({ server: { hasTickets: false } });
    assert.equal(client.connection.session(), undefined);
    carry({ client, server });
    assert.equal(client.isShaken, true);
    assert.equal(client.connection.session(), undefined);
    freeBoth({ client, server });
    using old = secured({
      client: { tls: { maxVersion: 'TLSv1.2' } },
      server: { hasTickets: false },
    });
    assert.equal(old.client.connection.session(), undefined);
  });

  it('begins with no session that cannot be read, and with any other one in full', () => {
    using first = secured();
    const session = first.client.connection.session() ?? assert.fail();
    for (const bad of [Buffer.alloc(0), Buffer.from('garbage'), session.subarray(0, -1)])
      assert.throws(() => begin({}, { session: bad }), OpenSslError);
    nothingIsLeft();
    using other = begin({ server: { certificate: new LabAuthority().issue() } }, { session });
    carry(other);
    assert.deepEqual([other.client.isShaken, other.client.connection.isResumed], [true, false]);
  });

  it('asks for no server whose name is too long to be one', () => {
    assert.throws(() => begin({}, { serverName: 'a'.repeat(256) }), OpenSslError);
    using longest = begin({}, { serverName: 'a'.repeat(255) });
    carry(longest);
    assert.equal(longest.server.connection.serverName, 'a'.repeat(255));
  });

  it('asks for a staple, and has none of a server without one', () => {
    using pair = begin({}, { asksStaple: true });
    const STATUS_REQUEST = Buffer.from('000500050100000000', 'hex'); // RFC 6066, 8
    const hello = pair.client.take();
    assert.ok(hello.includes(STATUS_REQUEST));
    pair.client.take(pair.server.take(hello));
    assert.equal(pair.client.connection.staple, undefined);
    using silent = begin();
    assert.ok(!silent.client.take().includes(STATUS_REQUEST));
  });

  for (const maxVersion of VERSIONS)
    it(`has the end that a peer says in ${maxVersion}, behind what it has said before`, () => {
      using pair = secured({ client: { tls: { maxVersion } } });
      const { client, server } = pair;
      const last = Buffer.concat([client.say('the last word'), client.end(), Buffer.from('more')]);
      server.take(last);
      assert.deepEqual(
        [server.heard.toString(), server.connection.state],
        ['the last word', 'ended'],
      );
      nothingIsLeft();
      client.take(server.say('it may still be answered'));
      assert.equal(client.heard.toString(), 'it may still be answered');
      client.take(server.end());
      assert.equal(client.connection.state, 'ended');
    });

  const BAD: readonly (readonly [what: string, bytes: string, code: string])[] = [
    ['HTTP', 'GET / HTTP/1.1\r\n\r\n', 'ERR_SSL_HTTP_REQUEST'],
    ['CONNECT', 'CONNECT a.example:443', 'ERR_SSL_HTTPS_PROXY_REQUEST'],
    ['SMTP', '220 mail.example ESMTP', 'ERR_SSL_WRONG_VERSION_NUMBER'],
    ['nothing but zeros', '\0'.repeat(600), 'ERR_SSL_WRONG_VERSION_NUMBER'],
    ['a message that is none', '\x16\x03\x01\x00\x04\x63\0\0\0', 'ERR_SSL_UNEXPECTED_MESSAGE'],
    ['a hello too long', '\x16\x03\x01\x00\x04\x01\xff\xff\xff', 'ERR_SSL_EXCESSIVE_MESSAGE_SIZE'],
    ['a hello cut inside', '\x16\x03\x01\x00\x04\x01\0\0\0', 'ERR_SSL_LENGTH_TOO_SHORT'],
    ['an alert', '\x15\x03\x01\x00\x02\x02\x28', 'ERR_SSL_UNEXPECTED_MESSAGE'],
    ['the closing alert', '\x15\x03\x01\x00\x02\x01\x00', 'ERR_SSL_UNEXPECTED_MESSAGE'],
  ];
  const REFUSALS: readonly (readonly [what: string, bytes: string, code: string])[] = [
    ['a refusal', '\x15\x03\x03\x00\x02\x02\x28', 'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE'],
    ['the closing alert', '\x15\x03\x03\x00\x02\x01\x00', 'ERR_SSL_UNKNOWN'],
    ['HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'ERR_SSL_WRONG_VERSION_NUMBER'],
    ['SMTP', '220 mail.example ESMTP', 'ERR_SSL_WRONG_VERSION_NUMBER'],
  ];
  for (const [what, bytes, code] of REFUSALS)
    it(`fails by ${what} in place of a server's answer, and leaves nothing of it`, () => {
      using pair = begin();
      pair.client.take();
      pair.client.take(Buffer.from(`${bytes}${'more'.repeat(200)}`, 'latin1'));
      const { state, error } = pair.client.connection;
      assert.deepEqual([pair.client.isShaken, state, error?.code], [false, 'failed', code]);
      nothingIsLeft();
    });

  for (const [what, bytes, code] of BAD)
    it(`fails by ${what} instead of a hello, and leaves nothing of it`, () => {
      using pair = begin();
      pair.server.take(Buffer.from(`${bytes}${'more'.repeat(200)}`, 'latin1'));
      const { state, error } = pair.server.connection;
      assert.deepEqual([pair.server.isShaken, state, error?.code], [false, 'failed', code]);
      nothingIsLeft();
    });

  for (const maxVersion of VERSIONS)
    it(`fails by a record of ${maxVersion} that was changed, behind those that were not`, () => {
      using pair = secured({ client: { tls: { maxVersion } } });
      const { client, server } = pair;
      const changed = client.say('changed on the way');
      changed.writeUInt8(changed.readUInt8(changed.length - 1) ^ 1, changed.length - 1);
      const good = client.say('x');
      const first = secured({ client: { tls: { maxVersion } } });
      const alert = server.take(Buffer.concat([changed, good]));
      assert.deepEqual(
        [server.heard.length, server.connection.state, server.connection.error?.code],
        [0, 'failed', CHANGED[maxVersion]],
      );
      assert.equal(alert.readUInt8(0), maxVersion === 'TLSv1.3' ? 23 : ALERT);
      client.take(alert);
      assert.equal(client.connection.error?.code, 'ERR_SSL_SSL/TLS_ALERT_BAD_RECORD_MAC');
      nothingIsLeft();
      // Of another connection nothing has changed.
      first.server.take(first.client.say('as ever'));
      assert.equal(first.server.heard.toString(), 'as ever');
      freeBoth(first);
    });

  it('waits for the rest of a handshake that is cut anywhere, and is freed all the same', () => {
    using whole = begin();
    const hello = whole.client.take();
    for (let length = 0; length < hello.length; length += 7) {
      using cut = begin();
      assert.equal(cut.server.take(hello.subarray(0, length)).length, 0);
      assert.deepEqual([cut.server.isShaken, cut.server.connection.state], [false, 'open']);
      nothingIsLeft();
    }
    assert.equal(whole.server.take(hello).readUInt8(0), HANDSHAKE);
  });

  it('decrypts to the memory that it is given, and says how much', () => {
    using pair = secured();
    const memory = allocateGuarded(share.openSsl.libc, 65_536);
    const records = Buffer.concat(['one ', 'two ', 'three'].map((text) => pair.client.say(text)));
    share.put(records.subarray(0, -1));
    assert.equal(pair.server.connection.read(memory), 8);
    assert.equal(Buffer.from(memory.bytes.subarray(0, 8)).toString(), 'one two ');
    share.put(records.subarray(-1));
    assert.equal(pair.server.connection.read(memory), 5);
    assert.equal(Buffer.from(memory.bytes.subarray(0, 8)).toString(), 'threewo ');
    assert.equal(pair.server.connection.read(memory), 0);
  });

  it('cannot be written once TLS is broken', () => {
    using pair = secured();
    pair.server.take(Buffer.from('\x17\x03\x03\x00\x20'.padEnd(37, 'x'), 'latin1'));
    assert.equal(pair.server.connection.state, 'failed');
    pair.server.connection.write(Buffer.from('x'));
    assert.ok(pair.server.connection.error instanceof OpenSslError);
    nothingIsLeft();
  });

  it('is not begun with a context that is none', () => {
    const none = new OpenSslContext(0, new Uint8Array());
    assert.throws(() => new OpenSslConnection(share, none), { code: 'ERR_SSL_NULL_SSL_CTX' });
    assert.throws(() => new OpenSslConnection(share, none, USUAL_SERVER), OpenSslError);
  });
});
