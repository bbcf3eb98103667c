// TLS while its files are replaced one by one and the policy is loaded anew: no connection fails that should not.
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { connect, createServer } from 'node:tls';
import { once } from 'node:events';
import { closeServer, listenOnFreePort } from '../support/free-port.ts';
import { needs } from '../support/needs.ts';
import { policyPath } from '../support/system-policy.ts';
import { until } from '../support/system-wait.ts';
import { RunningZorp } from '../support/system-zorp.ts';
import type { MadeCertificate } from '../support/test-authority.ts';
import { TestAuthority } from '../support/test-authority.ts';

const NAME = 'www.example';
const CONNECTIONS = 200;
const AT_ONCE = 8;
const CERTIFICATES = 4;
const REQUEST = `GET / HTTP/1.1\r\nHost: ${NAME}\r\n\r\n`;

/** The text of a policy with TLS at both sides; the comment makes each another revision. */
function policyOf(port: number, comment: string): string {
  return `// ${comment}
import { definePolicy, directedRouter, httpProxy, listener, service, staticCertificate, twoSidedEncryption, zone } from 'zorp';
const web = service('web', {
  proxy: httpProxy({ defaultPort: 443 }),
  router: directedRouter({ destination: '127.0.0.1:${port}' }),
  encryption: twoSidedEncryption({
    clientCertificate: staticCertificate({ certificate: 'shown.pem', privateKey: 'shown.key' }),
    serverVerify: { authorities: 'trusted.pem' },
  }),
});
const machine = zone('machine', { subnets: ['127.0.0.1'], outboundServices: [web], inboundServices: [web] });
export default definePolicy({ zones: [machine], listeners: [listener('127.0.0.1:0', web)] });
`;
}

/** A Zorp whose files are replaced while it runs. */
class Site {
  readonly zorp: RunningZorp;
  readonly serials = new Set<string>();
  readonly failures: string[] = [];
  readonly #authority: TestAuthority;
  readonly #ca: Buffer;

  constructor(zorp: RunningZorp, authority: TestAuthority) {
    this.zorp = zorp;
    this.#authority = authority;
    this.#ca = readFileSync(authority.certificate);
  }

  /** A connection that has TLS; what fails is noted. */
  async begin(): Promise<TLSSocket> {
    const { port } = this.zorp;
    const socket = connect({ port, host: '127.0.0.1', servername: NAME, ca: this.#ca });
    socket.on('error', (error: Error) => this.failures.push(error.message));
    await Promise.race([once(socket, 'secureConnect'), once(socket, 'close')]);
    return socket;
  }

  /** One request on a connection. */
  async ask(socket: TLSSocket): Promise<void> {
    let heard = '';
    const hear = (bytes: Buffer): void => void (heard += bytes.toString());
    socket.on('data', hear).write(REQUEST);
    await until('an answer', () => heard.endsWith('ok') || socket.destroyed || undefined);
    socket.off('data', hear);
    if (!heard.startsWith('HTTP/1.1 200 ')) this.failures.push(heard);
  }

  async visit(): Promise<string> {
    const socket = await this.begin();
    const serial = socket.getPeerX509Certificate()?.serialNumber ?? 'none';
    this.serials.add(serial);
    await this.ask(socket);
    socket.destroy();
    return serial;
  }

  /** Replaces the files, the certificate first: for a while there is a key of another one. */
  async replace({ certificate, privateKey }: MadeCertificate, to: string): Promise<void> {
    for (const [from, name] of [
      [certificate, 'shown.pem'],
      [privateKey, 'shown.key'],
      [this.#authority.certificate, 'trusted.pem'],
    ] as const) {
      copyFileSync(from, join(to, `${name}.new`));
      renameSync(join(to, `${name}.new`), join(to, name));
      await this.visit();
    }
  }
}

async function startServer(test: TestContext, shown: MadeCertificate): Promise<number> {
  const files = { cert: readFileSync(shown.certificate), key: readFileSync(shown.privateKey) };
  const server = createServer(files, (socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
  }).on('tlsClientError', () => undefined);
  const open = new Set<TLSSocket>();
  server.on('secureConnection', (socket) => open.add(socket));
  const port = await listenOnFreePort(server);
  test.after(async () => {
    for (const socket of open) socket.destroy();
    await closeServer(server);
  });
  return port;
}

describe(
  'TLS while its files and its policy change',
  { ...needs('openssl'), timeout: 60_000 },
  () => {
    it('fails for no connection, and shows the last certificate in the end', async (test) => {
      const file = policyPath(test);
      const folder = dirname(file);
      const authority = TestAuthority.in(join(folder, 'made'));
      const wish = { extensions: [`subjectAltName=DNS:${NAME}`] };
      const port = await startServer(test, authority.issue('server', wish));
      const made = Array.from({ length: CERTIFICATES }, (_, index) =>
        authority.issue(`shown-${index}`, wish),
      );
      const [first, ...others] = made;
      assert.ok(first !== undefined);
      copyFileSync(first.certificate, join(folder, 'shown.pem'));
      copyFileSync(first.privateKey, join(folder, 'shown.key'));
      copyFileSync(authority.certificate, join(folder, 'trusted.pem'));
      writeFileSync(file, policyOf(port, 'the first'));
      const site = new Site(await RunningZorp.start(test, file), authority);
      let long = await site.begin();
      await site.ask(long);

      let left = CONNECTIONS;
      const visits = Array.from({ length: AT_ONCE }, async () => {
        while (left-- > 0) await site.visit();
      });
      let reloads = 0;
      for (const certificate of others) {
        await site.replace(certificate, folder);
        await site.ask(long);
        writeFileSync(file, policyOf(port, `another, ${++reloads}`));
        site.zorp.process.signal('SIGHUP');
        await site.zorp.says('policy.reloaded');
        await until('the end of what is kept', () => long.destroyed || undefined);
        long = await site.begin();
        await site.ask(long);
      }
      await Promise.all(visits);
      long.destroy();

      assert.deepEqual(site.failures, []);
      const last = await site.visit();
      const count = CONNECTIONS + 1 + 1 + 4 * others.length;
      const { zorp } = site;
      await until('all records', () => zorp.records.length >= count || undefined);
      assert.equal(zorp.records.length, count);
      assert.deepEqual(new Set(zorp.records.map(({ verdict }) => verdict)), new Set(['accepted']));
      assert.ok(new Set(zorp.records.map(({ revision }) => revision)).size > 1);
      assert.equal(site.serials.size, made.length);
      assert.equal([...site.serials].at(-1), last);
    });
  },
);
