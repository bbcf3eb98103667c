import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { connect as connectTcp, createServer } from 'node:net';
import { before, describe, it } from 'node:test';
import type { ConnectionOptions, TlsOptions } from 'node:tls';
import { connect as connectTls, createServer as createTlsServer, TLSSocket } from 'node:tls';
import { needsDriver } from '../../test/support/driver-needs.ts';
import { streamPair, testShare } from '../../test/support/driver-pair.ts';
import { listenOnFreePort } from '../../test/support/free-port.ts';
import { needs } from '../../test/support/needs.ts';
import { streamConformance } from '../../test/support/stream-conformance.ts';
import { readLive } from '../../test/support/read-live.ts';
import { StreamRecorder, turns } from '../../test/support/stream-recorder.ts';
import type { Owner } from '../../test/support/system-process.ts';
import { suiteOwner } from '../../test/support/system-process.ts';
import { TestAuthority } from '../../test/support/test-authority.ts';
import { TLS_LAYERS } from '../../test/support/tls-layers.ts';
import type { TestedLayer } from '../../test/support/tls-layers.ts';
import { SocketAddress } from '../address/socket-address.ts';
import { staticCertificate } from '../policy/certificate-source.ts';
import type { StaticCertificate } from '../policy/certificate-source.ts';
import type { ClientEncryption, ServerEncryption } from '../policy/encryption.ts';
import { clientOnlyEncryption, serverOnlyEncryption } from '../policy/encryption.ts';
import type { ClientEncryptionOptions, ServerEncryptionOptions } from '../policy/encryption.ts';
import type { Stream } from '../session/stream.ts';
import type { ShownCertificate, TlsResult } from '../session/tls-layer.ts';
import { SystemClock } from './clock.ts';
import { SocketStream } from './socket-stream.ts';
import { NodeTls } from './tls-stream.ts';

const ADDRESS = SocketAddress.parse('127.0.0.1:443');
const problems: string[] = [];

describe('TLS over a stream', needs('openssl'), () => {
  for (const layer of TLS_LAYERS) describe(`by ${layer.name}`, layer.needs, () => testsOf(layer));
});

function testsOf(layer: TestedLayer): void {
  const owner = suiteOwner();
  const tls = layer.make((message) => problems.push(message));
  let authority: TestAuthority;
  let certificate: StaticCertificate;
  let other: StaticCertificate;
  let ca: string;
  let shown: { readonly cert: Buffer; readonly key: Buffer };

  before(() => {
    authority = TestAuthority.make(owner);
    ca = readFileSync(authority.certificate, 'utf8');
    const files = authority.issue('www.example');
    shown = { cert: readFileSync(files.certificate), key: readFileSync(files.privateKey) };
    certificate = readLive(() => staticCertificate(files));
    other = readLive(() => staticCertificate(authority.issue('other.example')));
  });

  // Over sockets of Node, as the streams of the driver give them.
  streamConformance('the inside of TLS', async () => {
    const { near, far } = await pair(owner);
    const server = new TLSSocket(near, { isServer: true, ...shown });
    const client = connectTls({ socket: far, ca, servername: 'www.example' });
    await Promise.all([once(server, 'secure'), once(client, 'secureConnect')]);
    const [a, b] = [server, client].map((socket) => new SocketStream(socket, { kind: 'tls' }));
    assert.ok(a !== undefined && b !== undefined);
    return { a, b, maxInFlight: 32 * 1_048_576, tellsResets: false };
  });

  /** Lets a client begin TLS with us. */
  async function accept(
    encryption: ClientEncryption,
    options: ConnectionOptions,
    shown: ShownCertificate = certificate,
  ): Promise<{ readonly result: TlsResult; readonly client: TLSSocket }> {
    const { near, far } = await pair(owner);
    const client = connectTls({ socket: far, ca, ...options }).on('error', () => undefined);
    const result = await new Promise<TlsResult>((done) => {
      tls.accept(new SocketStream(near), encryption, shown, done);
    });
    return { result, client };
  }

  /** Begins TLS with a server. */
  async function connect(
    encryption: ServerEncryption,
    server: { readonly name?: string; readonly options?: TlsOptions },
  ): Promise<{ readonly result: TlsResult; readonly seen: TLSSocket[] }> {
    const { certificate: cert, privateKey: key } = certificate.text();
    const { near, far } = await pair(owner);
    const seen: TLSSocket[] = [];
    const secured = createTlsServer({ cert, key, ...server.options }, (socket) => {
      seen.push(socket);
      socket.on('error', () => undefined).on('data', (bytes: Buffer) => socket.write(bytes));
    });
    secured.on('tlsClientError', () => undefined).emit('connection', far);
    const result = await new Promise<TlsResult>((done) => {
      tls.connect(
        new SocketStream(near),
        encryption,
        { address: ADDRESS, name: server.name },
        done,
      );
    });
    return { result, seen };
  }

  function ofClients(options: Partial<ClientEncryptionOptions> = {}): ClientEncryption {
    return sideOf(
      () => clientOnlyEncryption({ clientCertificate: certificate, ...options }).client,
    );
  }

  function ofServers(options: ServerEncryptionOptions = {}): ServerEncryption {
    const serverVerify = { authorities: authority.certificate, ...options.serverVerify };
    return sideOf(() => serverOnlyEncryption({ ...options, serverVerify }).server);
  }

  it('lets a client in, and carries bytes both ways', async () => {
    const { result, client } = await accept(ofClients(), { servername: 'www.example' });
    const { stream, facts } = succeeded(result);
    assert.deepEqual(facts, {
      version: 'TLSv1.3',
      cipher: 'TLS_AES_256_GCM_SHA384',
      serverName: 'www.example',
      applicationProtocol: undefined,
      isResumed: false,
      isTruncated: false,
      peer: undefined,
    });
    const heard = collect(stream);
    stream.write(Buffer.from('from us'), 'given');
    client.end('from the client');
    assert.equal(String(((await once(client, 'data')) as [Buffer])[0]), 'from us');
    assert.equal(await heard, 'from the client');
    stream.destroy();
  });

  it('shows the certificate that it is given', async () => {
    const named = await accept(ofClients(), { servername: 'OTHER.example' }, other);
    assert.equal(succeeded(named.result).facts.serverName, 'other.example');
    assert.equal(named.client.getPeerX509Certificate()?.subject, 'CN=other.example');
  });

  it('asks clients for certificates where the policy wants them', async () => {
    const demands = { authorities: authority.certificate };
    const asking = ofClients({ clientVerify: demands });
    const { certificate: cert, privateKey: key } = other.text();
    const shown = succeeded(
      (await accept(asking, { cert, key, servername: 'www.example' })).result,
    );
    assert.deepEqual(
      [shown.facts.peer?.subject, shown.facts.peer?.issuer, shown.facts.peer?.isTrusted],
      ['CN=other.example', 'CN=authority', true],
    );
    const none = await accept(asking, { servername: 'www.example' });
    assert.equal(failed(none.result), 'tls.no-certificate-shown');
    const optional = ofClients({ clientVerify: { ...demands, required: false } });
    assert.equal(
      succeeded((await accept(optional, { servername: 'www.example' })).result).facts.peer,
      undefined,
    );
    const stranger = TestAuthority.make(owner, 'stranger').issue('guest.example');
    const strange = {
      servername: 'www.example',
      cert: readFileSync(stranger.certificate),
      key: readFileSync(stranger.privateKey),
    };
    assert.equal(failed((await accept(asking, strange)).result), 'tls.certificate-untrusted');
    const any = ofClients({ clientVerify: { trusted: false } });
    assert.equal(succeeded((await accept(any, strange)).result).facts.peer?.isTrusted, false);
  });

  it('speaks TLS with a server whose certificate is good, and with no other', async () => {
    const { result, seen } = await connect(ofServers(), { name: 'www.example' });
    const { stream, facts } = succeeded(result);
    assert.deepEqual(
      [facts.peer?.subject, facts.peer?.isTrusted, facts.serverName],
      ['CN=www.example', true, 'www.example'],
    );
    const heard = collect(stream);
    stream.write(Buffer.from('echo'), 'given');
    stream.end();
    assert.equal(await heard, 'echo');
    assert.equal(seen.length, 1);
    assert.equal(
      failed((await connect(ofServers(), { name: 'else.example' })).result),
      'tls.certificate-name',
    );
    assert.equal(failed((await connect(ofServers(), {})).result), 'tls.certificate-name');
    const system = sideOf(() => serverOnlyEncryption().server);
    assert.equal(
      failed((await connect(system, { name: 'www.example' })).result),
      'tls.certificate-untrusted',
    );
  });

  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const)
    it(`resumes the session that a server of ${maxVersion} gave it`, async () => {
      const encryption = ofServers({ serverTls: { maxVersion } });
      const ticketKeys = Buffer.alloc(48, 1);
      const first = succeeded(
        (await connect(encryption, { name: 'www.example', options: { ticketKeys } })).result,
      );
      const heard = collect(first.stream);
      first.stream.write(Buffer.from('a'), 'given');
      first.stream.end();
      await heard;
      const again = await connect(encryption, { name: 'www.example', options: { ticketKeys } });
      const { facts } = succeeded(again.result);
      assert.deepEqual(
        [facts.version, facts.isResumed, facts.peer?.isTrusted],
        [maxVersion, true, true],
      );
    });

  it('keeps to the versions and protocols of the policy', async () => {
    const old = { servername: 'www.example', maxVersion: 'TLSv1.1', minVersion: 'TLSv1' } as const;
    const ciphers = 'DEFAULT@SECLEVEL=0';
    assert.equal(
      failed((await accept(ofClients(), { ...old, ciphers })).result),
      'tls.version-refused',
    );
    const offered = ofClients({
      clientTls: { applicationProtocols: ['http/1.1'], maxVersion: 'TLSv1.2' },
    });
    const alpn = await accept(offered, {
      servername: 'www.example',
      ALPNProtocols: ['h2', 'http/1.1'],
    });
    const { facts } = succeeded(alpn.result);
    assert.deepEqual([facts.version, facts.applicationProtocol], ['TLSv1.2', 'http/1.1']);
  });

  it('gives up after its time, when it is told to, and when the peer does', async () => {
    const hurried = ofClients({ clientTls: { handshakeTimeoutMs: 20 } });
    const silent = await pair(owner);
    const result = await new Promise<TlsResult>((done) => {
      tls.accept(new SocketStream(silent.near), hurried, certificate, done);
    });
    assert.equal(failed(result), 'tls.client-timeout');
    const { near, far } = await pair(owner);
    const giveUp = tls.accept(new SocketStream(near), hurried, certificate, () =>
      assert.fail('it was given up'),
    );
    giveUp();
    await once(far.resume(), 'close');
    const unfit = await pair(owner);
    const hopeless = ofClients({ clientTls: { ciphers: 'NO-SUCH' } });
    tls.accept(new SocketStream(unfit.near), hopeless, certificate, () =>
      assert.fail('it was given up before it could not begin'),
    )();
    await once(unfit.far.resume(), 'close');
    const gone = await pair(owner);
    gone.far.end();
    const closed = await new Promise<TlsResult>((done) => {
      tls.accept(new SocketStream(gone.near), ofClients(), certificate, done);
    });
    assert.equal(failed(closed), 'tls.client-closed');
    const plain = await pair(owner);
    plain.far.write('GET / HTTP/1.1\r\n\r\n');
    const notTls = await new Promise<TlsResult>((done) => {
      tls.accept(new SocketStream(plain.near), ofClients(), certificate, done);
    });
    assert.equal(failed(notTls), 'tls.not-tls');
  });
}

describe('a socket of TLS', needs('openssl'), () => {
  it('is read on where it is ended while more has come than it has told of', async (t) => {
    const files = TestAuthority.make(t).issue('www.example');
    const { near, far } = await pair(t);
    const shown = { cert: readFileSync(files.certificate), key: readFileSync(files.privateKey) };
    const server = new TLSSocket(near, { isServer: true, ...shown });
    const client = connectTls({ socket: far, rejectUnauthorized: false });
    await Promise.all([once(server, 'secure'), once(client, 'secureConnect')]);
    const recorder = new StreamRecorder('client', new SocketStream(client, { kind: 'tls' }));
    const told = Promise.withResolvers<undefined>();
    recorder.listen({ received: () => told.resolve(undefined) });
    // What waits for a promise runs within the call of OpenSSL, too.
    const ended = told.promise.then(() => recorder.end());
    const records = Buffer.alloc(1_048_576, 'x');
    server.on('error', () => undefined).write(records);
    await ended;
    await recorder.untilReceived(records.length);
    server.destroy();
    recorder.destroy();
    await recorder.untilClosed();
  });
});

describe(
  'TLS of Node over a stream of the driver',
  { ...needs('openssl'), ...needsDriver() },
  () => {
    it('keeps its listener where a record has come that Node has not read yet', async (t) => {
      const tls = new NodeTls(new SystemClock(), (message) => problems.push(message));
      const authority = TestAuthority.make(t);
      const files = authority.issue('www.example');
      const serverVerify = { authorities: authority.certificate };
      const certificate = readLive(() => staticCertificate(files));
      const [ofClients, ofServers] = [
        sideOf(() => clientOnlyEncryption({ clientCertificate: certificate }).client),
        sideOf(() => serverOnlyEncryption({ serverVerify }).server),
      ];
      const [near, far] = streamPair(testShare());
      const results = await Promise.all([
        new Promise<TlsResult>((done) => tls.accept(near, ofClients, certificate, done)),
        new Promise<TlsResult>((done) =>
          tls.connect(far, ofServers, { address: ADDRESS, name: 'www.example' }, done),
        ),
      ]);
      const [server, client] = results.map((result) => succeeded(result).stream);
      assert.ok(server !== undefined && client !== undefined);
      const recorder = new StreamRecorder('client', client);
      recorder.listen();
      server.write(Buffer.from('answer'), 'given');
      await recorder.untilReceived(6);
      assert.equal(recorder.unlisten(), true);
      recorder.listen();
      await turns(1);
      server.write(Buffer.from('late'), 'given');
      assert.equal(recorder.unlisten(), false);
      await recorder.untilReceived(10);
      assert.equal(recorder.unlisten(), true);
      recorder.listen();
      recorder.destroy();
      server.destroy();
      await recorder.untilClosed();
    });
  },
);

function sideOf<Side>(make: () => Side | undefined): Side {
  const side = readLive(make);
  assert.ok(side !== undefined, 'the options have a fault');
  return side;
}

function succeeded(result: TlsResult): Extract<TlsResult, { ok: true }> {
  assert.ok(result.ok, JSON.stringify(result));
  return result;
}

function failed(result: TlsResult): string {
  assert.ok(!result.ok, 'it succeeded');
  return result.failure.reason;
}

/** Everything that a stream brings until its end. */
function collect(stream: Stream): Promise<string> {
  let text = '';
  return new Promise((resolve, reject) => {
    stream.listen({
      received: (bytes) => (text += Buffer.from(bytes).toString('latin1')),
      ended: () => resolve(text),
      drained: () => undefined,
      closed: (error) => reject(new Error(`closed ${error ?? ''}`)),
    });
  });
}

/** Two ends of a TCP connection. */
async function pair(owner: Owner): Promise<{ readonly near: Socket; readonly far: Socket }> {
  const server = createServer({ allowHalfOpen: true });
  const far = connectTcp({ port: await listenOnFreePort(server), host: '127.0.0.1' });
  const [near] = (await once(server, 'connection')) as [Socket];
  server.close();
  for (const socket of [near, far]) socket.on('error', () => undefined);
  owner.after(() => {
    for (const socket of [near, far]) socket.destroy();
    return Promise.resolve();
  });
  return { near, far };
}
