// https URLs that a client asks a proxy for without CONNECT, because it speaks no TLS itself: the proxy does.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { serverOnlyEncryption } from '../../src/policy/encryption.ts';
import { directedRouter } from '../../src/policy/router.ts';
import { service } from '../../src/policy/service.ts';
import { httpProxy } from '../../src/protocols/http/index.ts';
import { needs } from '../support/needs.ts';
import { readLive } from '../support/read-live.ts';
import type { TestInstance } from '../support/system-instance.ts';
import { leavesNothing, startServices } from '../support/system-instance.ts';
import { suiteOwner } from '../support/system-process.ts';
import { talk } from '../support/system-tcp.ts';
import { until } from '../support/system-wait.ts';
import type { RunningServer } from '../support/tls-servers.ts';
import { CertificateMaker, NAME, startServer } from '../support/tls-servers.ts';

describe('https URLs without CONNECT', needs('openssl'), () => {
  const owner = suiteOwner();
  let maker: CertificateMaker;
  let server: RunningServer;
  let scene: TestInstance;

  before(async () => {
    maker = new CertificateMaker(owner);
    server = await startServer(owner, maker.issue('server'));
    const router = directedRouter({ destination: `127.0.0.1:${server.port}` });
    const encryption = readLive(() =>
      serverOnlyEncryption({ serverVerify: { authorities: maker.root.certificate } }),
    );
    const secure = httpProxy({ mode: 'explicit', defaultPort: 443 });
    scene = await startServices(owner, [
      service('secure', { proxy: secure, router, encryption }),
      service('plain', { proxy: httpProxy({ mode: 'explicit' }), router }),
    ]);
  });

  async function ask(proxy: string, url: string): Promise<string> {
    const host = new URL(url).host;
    const send = `GET ${url} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
    const { received } = await talk({ port: scene.ports[proxy] ?? 0, send });
    return received.toString('latin1');
  }

  it('are asked for by TLS, of a server that proves its name', async () => {
    await leavesNothing(scene, async () => {
      assert.match(await ask('secure', `https://${NAME}/page`), /^HTTP\/1\.1 200 [^]*ok$/);
      assert.match(server.seen(), /^GET \/page HTTP\/1\.1\r\nHost: www\.example\r\n/);
      const { serverTls } = await until('a record', () => scene.log.records[0]);
      assert.deepEqual([serverTls?.serverName, serverTls?.peer?.trusted], [NAME, true]);
      const stranger = await ask('secure', 'https://other.example/');
      assert.match(stranger, /^HTTP\/1\.1 403 [^]*tls\.certificate-/);
    });
  });

  it('are refused by a service that speaks no TLS, and http URLs by one that speaks nothing else', async () => {
    assert.match(await ask('plain', `https://${NAME}/`), /^HTTP\/1\.1 501 [^]*http\.https-url/);
    assert.match(await ask('secure', `http://${NAME}/`), /^HTTP\/1\.1 400 [^]*http\.bad-scheme/);
  });
});
