// Clients that ask for one server by TLS and for another inside, at a running instance: refused, or let pass and recorded.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { connect, TLSSocket } from 'node:tls';
import type { DecisionRecord } from '../../src/log/decision-record.ts';
import { dynamicCertificate, staticCertificate } from '../../src/policy/certificate-source.ts';
import { twoSidedEncryption } from '../../src/policy/encryption.ts';
import { directedRouter } from '../../src/policy/router.ts';
import { service } from '../../src/policy/service.ts';
import type { ServerNameCheck } from '../../src/protocols/http/server-name-settings.ts';
import { httpProxy } from '../../src/protocols/http/index.ts';
import { needs } from '../support/needs.ts';
import { readLive } from '../support/read-live.ts';
import type { TestInstance } from '../support/system-instance.ts';
import { startServices } from '../support/system-instance.ts';
import { run, suiteOwner } from '../support/system-process.ts';
import { serve } from '../support/system-tcp.ts';
import { until } from '../support/system-wait.ts';
import { CertificateMaker, NAME } from '../support/tls-servers.ts';

const OTHER = 'other.example';
const STRANGE = 'strange.example';
const MISNAMED = 'http.server-name-mismatch';
const NOT_COVERED = 'http.server-certificate-mismatch';

describe('names that must agree', needs('openssl', 'curl'), () => {
  const owner = suiteOwner();
  let maker: CertificateMaker;
  let scene: TestInstance;
  /** The hosts that the server was asked for. */
  const requests: string[] = [];

  before(async () => {
    maker = new CertificateMaker(owner);
    const extensions = [`subjectAltName=DNS:${NAME},DNS:${OTHER},IP:127.0.0.1`];
    const { certificate, privateKey } = maker.issue('server', { extensions });
    const shown = { cert: readFileSync(certificate), key: readFileSync(privateKey) };
    const server = await serve(owner, (raw) => {
      const socket = new TLSSocket(raw, { isServer: true, ...shown });
      socket.on('error', () => undefined).on('end', () => socket.destroy());
      socket.on('data', (bytes: Buffer) => {
        requests.push(/^Host: (.*)\r$/im.exec(bytes.toString())?.[1] ?? 'none');
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      });
    });
    const router = directedRouter({ destination: `127.0.0.1:${server.port}` });
    const both = maker.issue('shown', { extensions });
    const shared = {
      clientCertificate: readLive(() => staticCertificate(both)),
      serverVerify: { authorities: maker.root.certificate },
    };
    const encryption = readLive(() => twoSidedEncryption(shared));
    const named = readLive(() => twoSidedEncryption({ ...shared, serverName: NAME }));
    // Whose clients name no server: its certificate must be for its address.
    const made = readLive(() => {
      const clientCertificate = dynamicCertificate({ authority: maker.stranger.made });
      return twoSidedEncryption({ ...shared, clientCertificate });
    });
    scene = await startServices(owner, [
      ...(['refuse', 'warn', 'off'] as const).map((checkServerName) => {
        const proxy = httpProxy({ defaultPort: 443, checkServerName });
        return service(checkServerName, { proxy, router, encryption });
      }),
      ...(['refuse', 'warn', 'off'] as const).map((checkServerName) => {
        const proxy = httpProxy({ defaultPort: 443, checkServerName });
        return service(`made-${checkServerName}`, { proxy, router, encryption: made });
      }),
      service('named', { proxy: httpProxy({ defaultPort: 443 }), router, encryption: named }),
    ]);
  });

  /** Asks by TLS for one name, and inside for another. */
  async function ask(
    how: ServerNameCheck | 'named',
    sni: string,
    ...hosts: readonly string[]
  ): Promise<readonly [status: string, record: DecisionRecord]> {
    const records = (): readonly DecisionRecord[] =>
      scene.log.records.filter(({ service: name }) => name === how);
    const count = records().length;
    const to = ['--connect-to', `${sni}:443:127.0.0.1:${scene.ports[how] ?? 0}`];
    const trust = ['--cacert', maker.root.certificate];
    const shared = ['-sS', '-m', '30', ...to, ...trust, '-o', '/dev/null', '-w', '%{http_code} '];
    const asked = hosts.map((host) => [...shared, '-H', `Host: ${host}`, `https://${sni}/`]);
    const args = asked.flatMap((one, index) => (index === 0 ? one : ['--next', ...one]));
    const { stdout } = await run(owner, ['curl', '-q', ...args]);
    return [stdout.trim(), await until('a record', () => records().slice(count).at(-1))];
  }

  it('do where a client asks for one server', async () => {
    const [status, { warnings, clientTls, serverTls }] = await ask('refuse', NAME, NAME);
    assert.deepEqual([status, warnings], ['200', []]);
    assert.deepEqual([clientTls?.serverName, serverTls?.serverName], [NAME, NAME]);
    assert.deepEqual(
      [serverTls?.peer?.names, serverTls?.peer?.finding],
      [[NAME, OTHER, '127.0.0.1'], null],
    );
    assert.match(serverTls?.peer?.validTo ?? '', /^20\d\d-.*Z$/);
  });

  it('are a reason to refuse a request for another server', async () => {
    const [status, { reason }] = await ask('refuse', NAME, OTHER);
    assert.deepEqual([status, reason], ['421', MISNAMED]);
  });

  it('are recorded where the policy only warns, and nothing where it is off', async () => {
    const lines = (): number => scene.log.lines.filter(({ code }) => code === MISNAMED).length;
    const before = lines();
    const [status, { warnings }] = await ask('warn', NAME, NAME, OTHER, OTHER);
    assert.deepEqual([status, warnings], ['200 200 200', [MISNAMED]]);
    assert.equal(lines(), before + 1);
    const [passed, { warnings: none }] = await ask('off', NAME, NAME, OTHER);
    assert.deepEqual([passed, none], ['200 200', []]);
  });

  /** Names no server by TLS, and asks on one connection for each host. */
  async function askUnnamed(
    how: ServerNameCheck,
    ...hosts: readonly string[]
  ): Promise<readonly [statuses: readonly string[], record: DecisionRecord]> {
    const name = `made-${how}`;
    const records = (): readonly DecisionRecord[] =>
      scene.log.records.filter((record) => record.service === name);
    const count = records().length;
    const ca = readFileSync(maker.stranger.certificate);
    const trust = { ca, checkServerIdentity: () => undefined };
    const socket = connect({ port: scene.ports[name] ?? 0, host: '127.0.0.1', ...trust });
    let heard = '';
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => (heard += bytes.toString('latin1')));
    const statuses = (): readonly string[] => heard.match(/(?<=HTTP\/1\.1 )\d+/g) ?? [];
    for (const [index, host] of hosts.entries()) {
      socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      await until('an answer', () => statuses()[index], { seen: () => heard });
    }
    socket.destroy();
    return [statuses(), await until('a record', () => records().slice(count).at(-1))];
  }

  it('are those of the certificate where a client names no server by TLS, for each request', async () => {
    const [covered, { warnings, clientTls, serverTls }] = await askUnnamed('refuse', NAME, OTHER);
    assert.deepEqual([covered, warnings], [['200', '200'], []]);
    assert.deepEqual([clientTls?.serverName, serverTls?.peer?.trusted], [null, true]);
    const asked = requests.length;
    const [refused, record] = await askUnnamed('refuse', NAME, STRANGE);
    // It is another server by its name, which is connected anew and does not have it.
    assert.deepEqual([refused, record.reason], [['200', '403'], 'tls.certificate-name']);
    assert.deepEqual(requests.slice(asked), [NAME], 'the server sees nothing of the other one');
    const [first, { reason }] = await askUnnamed('refuse', STRANGE);
    assert.deepEqual([first, reason], [['421'], NOT_COVERED]);
    const [passed, warned] = await askUnnamed('warn', STRANGE, STRANGE);
    assert.deepEqual([passed, warned.warnings], [['200', '200'], [NOT_COVERED]]);
    const [off, { warnings: none }] = await askUnnamed('off', STRANGE, STRANGE);
    assert.deepEqual([off, none], [['200', '200'], []]);
  });

  it('are the matter of a policy that names the server itself', async () => {
    const [status, { warnings, serverTls }] = await ask('named', OTHER, OTHER);
    assert.deepEqual([status, warnings, serverTls?.serverName], ['200', [], NAME]);
  });
});
