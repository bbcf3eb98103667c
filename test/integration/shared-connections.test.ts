// Server connections that clients share, before a real nginx, which says over which of its connections a request came.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { httpProxy } from '../../src/protocols/http/index.ts';
import type { DecisionRecord } from '../../src/log/decision-record.ts';
import { serverOnlyEncryption } from '../../src/policy/encryption.ts';
import { assertAnswers, sayMore } from '../support/bytes-behind.ts';
import { freePort } from '../support/free-port.ts';
import { needs } from '../support/needs.ts';
import { readLive } from '../support/read-live.ts';
import { leavesNothing, startInstance } from '../support/system-instance.ts';
import type { Owner } from '../support/system-process.ts';
import { SystemProcess } from '../support/system-process.ts';
import { serve, talk } from '../support/system-tcp.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import type { MadeCertificate } from '../support/test-authority.ts';
import { TestAuthority } from '../support/test-authority.ts';
import { until } from '../support/system-wait.ts';

/** nginx that answers with the number of its connection; it keeps each for `keepalive`. With a certificate it speaks TLS. */
async function startNginx(
  owner: Owner,
  keepalive: string,
  shown?: MadeCertificate,
): Promise<number> {
  const port = await freePort();
  const folder = temporaryFolder(owner, 'shared');
  const config = join(folder, 'nginx.conf');
  const tls =
    shown === undefined
      ? ';'
      : ` ssl; ssl_certificate ${shown.certificate}; ssl_certificate_key ${shown.privateKey};`;
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  writeFileSync(
    config,
    `daemon off; master_process off; pid ${folder}/nginx.pid; error_log stderr;
${process.getuid?.() === 0 ? 'user root root;' : ''}
events { worker_connections 256; }
http {
  access_log off; keepalive_timeout ${keepalive};
  ${temporary.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(' ')}
  server { listen 127.0.0.1:${port}${tls} location / { return 200 "$connection\\n"; } }
}
`,
  );
  SystemProcess.start(owner, ['nginx', '-e', 'stderr', '-c', config]);
  await until('nginx to listen', () => canConnect(port));
  return port;
}

async function canConnect(port: number): Promise<true | undefined> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return undefined;
  } finally {
    socket.destroy();
  }
}

/** Whether the server at a port has a connection that neither side has closed. */
function hasConnections(port: number): boolean {
  const place = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = readFileSync('/proc/net/tcp', 'latin1').trim().split('\n').slice(1);
  // proc(5): the second field is the local address, and the fourth the state, of which 01 is "established".
  return lines.some((line) => {
    const [, local = '', , state] = line.trim().split(/\s+/);
    return local.endsWith(place) && state === '01';
  });
}

const REQUEST = 'GET / HTTP/1.1\r\nHost: web.example\r\nConnection: close\r\n\r\n';

/** The connection over which nginx got the request of a new client. */
async function ask(port: number, request = REQUEST): Promise<string> {
  const { received } = await talk({ port, send: request });
  const text = received.toString('latin1');
  assert.match(text, /^HTTP\/1\.1 200 /);
  return text.split('\r\n\r\n').slice(1).join();
}

describe('server connections that are shared', needs('nginx', 'openssl', 'setpriv'), () => {
  const proxies = {
    shared: httpProxy({ shareServerConnections: true }),
    own: httpProxy(),
  };

  it('carry the requests of one client after the other, each decided and recorded', async (t) => {
    const server = await startNginx(t, '60s');
    const test = await startInstance(t, server, proxies);
    const { shared = 0, own = 0 } = test.ports;
    const seen = new Set<string>();
    for (let count = 0; count < 5; count++) seen.add(await ask(shared));
    assert.equal(seen.size, 1);
    const others = new Set<string>();
    for (let count = 0; count < 5; count++) others.add(await ask(own));
    assert.equal(others.size, 5);
    const records = await until('the records', () => {
      const all = test.log.records.filter(({ service }) => service === 'shared');
      return all.length === 5 ? all : undefined;
    });
    const outcomes = records.map(({ connects }: DecisionRecord) => connects[0]?.outcome);
    assert.deepEqual(outcomes.sort(), ['connected', 'reused', 'reused', 'reused', 'reused']);
    for (const { server: to } of records) assert.equal(to?.zone, 'machine');
  });

  it('are never those of another service, nor those over which NTLM went', async (t) => {
    const server = await startNginx(t, '60s');
    const again = httpProxy({ shareServerConnections: true });
    const { ports } = await startInstance(t, server, { ...proxies, again });
    const first = await ask(ports['shared'] ?? 0);
    assert.notEqual(await ask(ports['again'] ?? 0), first);
    const ntlm = REQUEST.replace('\r\n\r\n', '\r\nAuthorization: NTLM TlRM\r\n\r\n');
    const bound = await ask(ports['shared'] ?? 0, ntlm);
    assert.notEqual(bound, first);
    assert.equal(await ask(ports['shared'] ?? 0), first);
  });

  it('carry TLS, with one handshake for all who ask for the same name', async (t) => {
    const authority = TestAuthority.make(t);
    const extensions = ['subjectAltName=DNS:web.example,DNS:shop.example'];
    const server = await startNginx(t, '60s', authority.issue('web.example', { extensions }));
    const serverVerify = { authorities: authority.certificate };
    const encryption = readLive(() => serverOnlyEncryption({ serverVerify }));
    const test = await startInstance(t, server, proxies, { encryption });
    const { shared = 0 } = test.ports;
    const first = await ask(shared);
    assert.equal(await ask(shared), first);
    const other = await ask(shared, REQUEST.replace('web.example', 'shop.example'));
    assert.notEqual(other, first);
    assert.equal(await ask(shared), first);
    const records = await until('the records', () =>
      test.log.records.length === 4 ? test.log.records : undefined,
    );
    const seen = records.map(({ connects, serverTls }) => [
      connects[0]?.outcome,
      serverTls?.serverName,
      serverTls?.peer?.subject,
    ]);
    const peer = 'CN=web.example';
    assert.deepEqual(seen, [
      ['connected', 'web.example', peer],
      ['reused', 'web.example', peer],
      ['connected', 'shop.example', peer],
      ['reused', 'web.example', peer],
    ]);
  });

  it('are opened anew when the server has closed them, and leave nothing behind', async (t) => {
    const server = await startNginx(t, '1s');
    const test = await startInstance(t, server, proxies);
    const { shared = 0 } = test.ports;
    await leavesNothing(test, async () => {
      const first = await ask(shared);
      await until('nginx to close it', () => !hasConnections(server));
      assert.notEqual(await ask(shared), first);
    });
  });

  it('are never used again when bytes stand behind a response, however long', async (t) => {
    const server = await serve(t, sayMore);
    const { ports } = await startInstance(t, server.port, proxies);
    // The driver reads 32,768 bytes at once, and Node 65,536.
    for (const port of Object.values(ports))
      for (const length of [100, 32_768, 60_000, 65_536, 98_304, 1_000_000])
        await assertAnswers(port, length);
  });
});
