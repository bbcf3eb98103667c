// Certificates made on the fly, by `zorp run` between a client of node:tls and servers of all kinds.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import type { ConnectionOptions, SecureContextOptions, TLSSocket } from 'node:tls';
import { connect, createServer } from 'node:tls';
import type { DecisionRecord } from '../../src/log/decision-record.ts';
import { closeServer, freePort, listenOnFreePort } from '../support/free-port.ts';
import { needs } from '../support/needs.ts';
import { runCommand } from '../support/system-cli.ts';
import { policyPath } from '../support/system-policy.ts';
import type { Owner } from '../support/system-process.ts';
import { until } from '../support/system-wait.ts';
import { RunningZorp } from '../support/system-zorp.ts';
import type { MadeCertificate } from '../support/test-authority.ts';
import { TestAuthority } from '../support/test-authority.ts';

interface World {
  readonly zorp: RunningZorp;
  /** Certificates of our authorities, as PEM. */
  readonly trusted: string;
  readonly untrusted: string;
  /** What the server shows is this from now on. */
  shows(files: MadeCertificate): void;
  readonly policyFile: string;
  /** Where certificates are kept. */
  readonly made: string;
  readonly authority: TestAuthority;
  readonly strangers: TestAuthority;
}

interface Wish {
  readonly serverVerify?: string;
  /** Whether there is an authority for servers that are not trusted. */
  readonly tellsUntrusted?: boolean;
  readonly isServerDown?: boolean;
  /** Whether certificates are kept in a folder. */
  readonly hasFolder?: boolean;
}

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok';

function shownBy({ certificate, privateKey }: MadeCertificate): SecureContextOptions {
  return { cert: readFileSync(certificate), key: readFileSync(privateKey) };
}

async function worldOf(owner: Owner, wish: Wish = {}): Promise<World> {
  const { serverVerify = '', tellsUntrusted = true, isServerDown = false, hasFolder } = wish;
  const policyFile = policyPath(owner);
  const folder = dirname(policyFile);
  const authority = TestAuthority.in(join(folder, 'servers'));
  const strangers = TestAuthority.in(join(folder, 'strangers'));
  const init = await runCommand(['ca', 'init', '--dir', join(folder, 'ca'), '--name', 'Test']);
  assert.equal(init.exitCode, 0, init.err);
  const server = createServer(shownBy(authority.issue('www.example')));
  server.on('secureConnection', (socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => socket.end(ANSWER));
  });
  const listening = await listenOnFreePort(server);
  owner.after(() => closeServer(server));
  const port = isServerDown ? await freePort() : listening;
  const untrustedAuthority = `untrustedAuthority: { certificate: 'ca/untrusted.pem', privateKey: 'ca/untrusted.key' },`;
  const made = join(folder, 'made');
  mkdirSync(made, { mode: 0o700 });
  const cacheDirectory = `cacheDirectory: ${JSON.stringify(made)},`;
  writeFileSync(
    policyFile,
    `import { definePolicy, directedRouter, dynamicCertificate, httpProxy, listener, service, twoSidedEncryption, zone } from 'zorp';
const web = service('web', {
  proxy: httpProxy({ defaultPort: 443 }),
  router: directedRouter({ destination: '127.0.0.1:${port}' }),
  encryption: twoSidedEncryption({
    clientCertificate: dynamicCertificate({
      authority: { certificate: 'ca/trusted.pem', privateKey: 'ca/trusted.key' },
      ${tellsUntrusted ? untrustedAuthority : ''}
      ${hasFolder === true ? cacheDirectory : ''}
    }),
    serverName: 'www.example',
    serverVerify: { authorities: 'servers/authority.pem', ${serverVerify} },
  }),
});
const machine = zone('machine', { subnets: ['127.0.0.1'], outboundServices: [web], inboundServices: [web] });
export default definePolicy({ zones: [machine], listeners: [listener('127.0.0.1:0', web)] });
`,
  );
  const zorp = await RunningZorp.start(owner, policyFile);
  const read = (name: string): string => readFileSync(join(folder, 'ca', `${name}.pem`), 'utf8');
  return {
    ...{ zorp, authority, strangers, trusted: read('trusted'), untrusted: read('untrusted') },
    ...{ policyFile, made },
    shows: (files) => {
      server.setSecureContext(shownBy(files));
    },
  };
}

/** Begins TLS with Zorp; undefined if that fails. */
async function begin(world: World, options: ConnectionOptions): Promise<TLSSocket | undefined> {
  const given = { port: world.zorp.port, host: '127.0.0.1', servername: 'www.example', ...options };
  const socket = connect(given).on('error', () => undefined);
  const won = await new Promise<boolean>((done) => {
    socket.on('secureConnect', () => done(true)).on('close', () => done(false));
  });
  return won ? socket : undefined;
}

async function ask(socket: TLSSocket | undefined): Promise<string> {
  assert.ok(socket !== undefined, 'there is no TLS');
  const heard: Buffer[] = [];
  const taken = new Promise<void>((done) => {
    socket.on('data', (bytes: Buffer) => {
      heard.push(bytes);
      const text = Buffer.concat(heard).toString();
      const [head = '', body] = text.split('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
      if (body !== undefined && Buffer.byteLength(body) >= length) done();
    });
    socket.on('close', () => done());
  });
  socket.write('GET / HTTP/1.1\r\nHost: www.example\r\n\r\n');
  await taken;
  socket.removeAllListeners('data');
  return Buffer.concat(heard).toString();
}

function outcomeOf({ verdict, reason }: DecisionRecord): readonly string[] {
  return [verdict, reason];
}

describe('interception', needs('openssl'), () => {
  it('shows what the server shows, also where the session with it is resumed', async (t) => {
    const world = await worldOf(t);
    const serials = new Set<string>();
    const resumed: boolean[] = [];
    for (const version of ['TLSv1.3', 'TLSv1.2'] as const) {
      const socket = await begin(world, { ca: world.trusted, maxVersion: version });
      const shown = socket?.getPeerX509Certificate();
      assert.equal(shown?.subjectAltName, 'DNS:www.example');
      assert.equal(shown.issuer, 'CN=Test CA');
      serials.add(shown.serialNumber);
      assert.match(await ask(socket), /^HTTP\/1\.1 200 /);
      socket?.destroy();
      const record = await world.zorp.record();
      assert.equal(record.verdict, 'accepted');
      assert.equal(record.serverTls?.peer?.subject, 'CN=www.example');
      resumed.push(record.serverTls.resumed);
    }
    assert.deepEqual(resumed, [false, true]);
    assert.equal(serials.size, 1, 'it is made once');
  });

  it('shows it to clients that name no server, and whose hello comes in pieces', async (t) => {
    const world = await worldOf(t);
    const tcp = connectTcp(world.zorp.port, '127.0.0.1');
    tcp.setNoDelay(true);
    const write = tcp.write.bind(tcp);
    tcp.write = (bytes: Uint8Array | string, ...rest: unknown[]): boolean => {
      const all = Buffer.from(bytes);
      tcp.write = write;
      write(all.subarray(0, 7));
      setTimeout(() => write(all.subarray(7)), 50);
      rest.forEach((one) => typeof one === 'function' && (one as () => void)());
      return true;
    };
    const socket = await begin(world, {
      socket: tcp,
      servername: '',
      ca: world.trusted,
      checkServerIdentity: () => undefined,
    });
    assert.equal(socket?.getPeerX509Certificate()?.subjectAltName, 'DNS:www.example');
    assert.match(await ask(socket), /^HTTP\/1\.1 200 /);
    socket.destroy();
  });

  it('shows the same after a reload and by another process where certificates are kept in a folder', async (t) => {
    const world = await worldOf(t, { hasFolder: true });
    const { zorp, made, policyFile } = world;
    const serials: string[] = [];
    const visit = async (by: RunningZorp): Promise<void> => {
      const socket = await begin({ ...world, zorp: by }, { ca: world.trusted });
      serials.push(socket?.getPeerX509Certificate()?.serialNumber ?? 'none');
      assert.match(await ask(socket), /^HTTP\/1\.1 200 /);
      socket?.destroy();
    };
    await visit(zorp);
    const isWhole = (name: string): boolean => !name.startsWith('.');
    const stored = await until('it is stored', () => readdirSync(made).find(isWhole));
    zorp.process.signal('SIGHUP');
    await zorp.says('policy.reloaded');
    await visit(zorp);
    const other = await RunningZorp.start(t, policyFile);
    await visit(other);
    assert.equal(new Set(serials).size, 1, serials.join());
    writeFileSync(join(made, stored), 'nothing');
    const third = await RunningZorp.start(t, policyFile);
    await visit(third);
    assert.equal(new Set(serials).size, 2, serials.join());
    chmodSync(made, 0o755);
    zorp.process.signal('SIGHUP');
    const refusal = await zorp.says('policy.fault');
    assert.match(refusal.message, /has mode 0755: let only its owner enter it: chmod 0700/);
    await visit(zorp);
  });

  it('tells clients of servers that nobody vouches for by the other authority, and of why they are refused', async (t) => {
    const world = await worldOf(t);
    world.shows(world.strangers.issue('www.example'));
    assert.equal(await begin(world, { ca: world.trusted }), undefined);
    const heeded = await world.zorp.record();
    assert.equal(heeded.reason, 'tls.certificate-untrusted');
    assert.match(heeded.message, /; The client /);
    const socket = await begin(world, { ca: world.untrusted });
    assert.match(await ask(socket), /^HTTP\/1\.1 403 [^]*tls\.certificate-untrusted/);
    assert.deepEqual(outcomeOf(await world.zorp.record()), [
      ...['denied-by-policy', 'tls.certificate-untrusted'],
    ]);
  });

  it('never shows a server as trusted that the policy only lets pass', async (t) => {
    const world = await worldOf(t, { serverVerify: 'trusted: false' });
    world.shows(world.strangers.issue('www.example', { commonName: 'stranger' }));
    assert.equal(await begin(world, { ca: world.trusted }), undefined);
    await world.zorp.record();
    const socket = await begin(world, { ca: world.untrusted });
    assert.match(socket?.getPeerX509Certificate()?.subject ?? '', /CN=stranger/);
    assert.match(await ask(socket), /^HTTP\/1\.1 200 /);
    socket?.destroy();
    const record = await world.zorp.record();
    assert.equal(record.serverTls?.peer?.trusted, false);
  });

  it('does not go on with another server than the client was told of', async (t) => {
    const world = await worldOf(t, { serverVerify: 'trusted: false' });
    const socket = await begin(world, { ca: world.trusted });
    assert.match(await ask(socket), /^HTTP\/1\.1 200 /);
    world.shows(world.strangers.issue('www.example'));
    assert.match(await ask(socket), /^HTTP\/1\.1 403 [^]*tls\.certificate-untrusted/);
    assert.deepEqual(outcomeOf(await world.zorp.record()), [
      ...['denied-by-policy', 'tls.certificate-untrusted'],
    ]);
  });

  it('shows nothing where there is no authority that could say that a server is not trusted', async (t) => {
    const world = await worldOf(t, { tellsUntrusted: false, serverVerify: 'trusted: false' });
    world.shows(world.strangers.issue('www.example'));
    assert.equal(await begin(world, { rejectUnauthorized: false }), undefined);
    assert.deepEqual(outcomeOf(await world.zorp.record()), [
      ...['denied-by-policy', 'tls.certificate-untrusted'],
    ]);
    world.shows(world.authority.issue('www.example'));
    assert.match(await ask(await begin(world, { ca: world.trusted })), /^HTTP\/1\.1 200 /);
  });

  it('tells clients of servers that are not there, and ends what is no TLS', async (t) => {
    const world = await worldOf(t, { isServerDown: true });
    const socket = await begin(world, { ca: world.untrusted });
    assert.equal(socket?.getPeerX509Certificate()?.subjectAltName, 'DNS:www.example');
    assert.match(await ask(socket), /^HTTP\/1\.1 502 [^]*connect\.refused/);
    assert.equal((await world.zorp.record()).reason, 'connect.refused');
    const plain = connectTcp(world.zorp.port, '127.0.0.1').on('error', () => undefined);
    plain.write('GET / HTTP/1.1\r\n\r\n');
    await once(plain, 'close');
    assert.equal((await world.zorp.record()).reason, 'tls.not-tls');
  });
});
