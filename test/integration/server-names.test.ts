// Clients that ask for one server by TLS and for another inside, at a running instance: refused, or let pass and recorded.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { TLSSocket } from 'node:tls';
import type { DecisionRecord } from '../../src/log/decision-record.ts';
import { staticCertificate } from '../../src/policy/certificate-source.ts';
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
const MISNAMED = 'http.server-name-mismatch';

describe('names that must agree', needs('openssl', 'curl'), () => {
  const owner = suiteOwner();
  let maker: CertificateMaker;
  let scene: TestInstance;

  before(async () => {
    maker = new CertificateMaker(owner);
    const extensions = [`subjectAltName=DNS:${NAME},DNS:${OTHER}`];
    const { certificate, privateKey } = maker.issue('server', { extensions });
    const shown = { cert: readFileSync(certificate), key: readFileSync(privateKey) };
    const server = await serve(owner, (raw) => {
      const socket = new TLSSocket(raw, { isServer: true, ...shown });
      socket.on('error', () => undefined).on('end', () => socket.destroy());
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
    });
    const router = directedRouter({ destination: `127.0.0.1:${server.port}` });
    const both = maker.issue('shown', { extensions });
    const shared = {
      clientCertificate: readLive(() => staticCertificate(both)),
      serverVerify: { authorities: maker.root.certificate },
    };
    const encryption = readLive(() => twoSidedEncryption(shared));
    const named = readLive(() => twoSidedEncryption({ ...shared, serverName: NAME }));
    scene = await startServices(owner, [
      ...(['refuse', 'warn', 'off'] as const).map((checkServerName) => {
        const proxy = httpProxy({ defaultPort: 443, checkServerName });
        return service(checkServerName, { proxy, router, encryption });
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
    const shared = ['-sS', '-m', '8', ...to, ...trust, '-o', '/dev/null', '-w', '%{http_code} '];
    const asked = hosts.map((host) => [...shared, '-H', `Host: ${host}`, `https://${sni}/`]);
    const args = asked.flatMap((one, index) => (index === 0 ? one : ['--next', ...one]));
    const { stdout } = await run(owner, ['curl', '-q', ...args]);
    return [stdout.trim(), await until('a record', () => records().slice(count).at(-1))];
  }

  it('do where a client asks for one server', async () => {
    const [status, { warnings, clientTls, serverTls }] = await ask('refuse', NAME, NAME);
    assert.deepEqual([status, warnings], ['200', []]);
    assert.deepEqual([clientTls?.serverName, serverTls?.serverName], [NAME, NAME]);
    assert.deepEqual([serverTls?.peer?.names, serverTls?.peer?.finding], [[NAME, OTHER], null]);
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

  it('are the matter of a policy that names the server itself', async () => {
    const [status, { warnings, serverTls }] = await ask('named', OTHER, OTHER);
    assert.deepEqual([status, warnings, serverTls?.serverName], ['200', [], NAME]);
  });
});
