// Clients of TLS through a running instance that do what they should not: each is refused for its reason, and leaves nothing.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { sniCertificates, staticCertificate } from '../../src/policy/certificate-source.ts';
import { clientOnlyEncryption } from '../../src/policy/encryption.ts';
import { directedRouter } from '../../src/policy/router.ts';
import { service } from '../../src/policy/service.ts';
import { httpProxy } from '../../src/protocols/http/index.ts';
import { needs } from '../support/needs.ts';
import { readLive } from '../support/read-live.ts';
import type { TestInstance } from '../support/system-instance.ts';
import { leavesNothing, recordOf, startServices } from '../support/system-instance.ts';
import { run, suiteOwner } from '../support/system-process.ts';
import { serve, talk } from '../support/system-tcp.ts';
import type { MadeCertificate } from '../support/test-authority.ts';
import { ANSWER, CertificateMaker, NAME } from '../support/tls-servers.ts';

const REQUEST = `GET / HTTP/1.1\r\nHost: ${NAME}\r\nConnection: close\r\n\r\n`;
const CLIENT = 'extendedKeyUsage=clientAuth';

type ServiceName = 'open' | 'asking' | 'named';

describe('clients of TLS', needs('openssl'), () => {
  const owner = suiteOwner();
  let maker: CertificateMaker;
  let scene: TestInstance;
  let requests = 0;

  before(async () => {
    maker = new CertificateMaker(owner);
    const { port } = await serve(owner, (socket) => {
      socket
        .on('end', () => socket.end())
        .on('data', () => {
          requests++;
          socket.end(ANSWER);
        });
    });
    const router = directedRouter({ destination: `127.0.0.1:${port}` });
    const proxy = httpProxy({ defaultPort: 443 });
    const clientTls = { handshakeTimeoutMs: 400 };
    const [open, asking, named] = readLive(() => {
      const shown = staticCertificate(maker.issue('shown'));
      const line = { serverName: (name: string) => name === NAME, certificate: shown };
      const verify = { authorities: maker.root.certificate };
      return [
        clientOnlyEncryption({ clientCertificate: shown, clientTls }),
        clientOnlyEncryption({ clientCertificate: shown, clientVerify: verify, clientTls }),
        clientOnlyEncryption({
          clientCertificate: sniCertificates({ certificates: [line] }),
          clientTls,
        }),
      ] as const;
    });
    scene = await startServices(owner, [
      service('open', { proxy, router, encryption: open }),
      service('asking', { proxy, router, encryption: asking }),
      service('named', { proxy, router, encryption: named }),
    ]);
  });

  /** Does something to a service, and the reason in the record that comes of it. */
  async function reasonOf(work: () => Promise<unknown>): Promise<unknown> {
    return (await recordOf(scene, work)).reason;
  }

  function openssl(to: ServiceName, input: string, ...options: string[]): Promise<string> {
    const usual = ['s_client', '-connect', `127.0.0.1:${scene.ports[to] ?? 0}`, '-ign_eof'];
    const named = options.includes('-noservername') ? [] : ['-servername', NAME];
    return run(owner, ['openssl', ...usual, ...named, ...options], input).then(
      ({ stdout, stderr }) => stdout + stderr,
    );
  }

  function own(name: string, by = maker.root, use = CLIENT): string[] {
    const made: MadeCertificate = by.issue(name, { extensions: [use] });
    return ['-cert', made.certificate, '-key', made.privateKey];
  }

  it('are served where they do nothing wrong', async () => {
    await leavesNothing(scene, async () => {
      assert.match(await openssl('open', REQUEST), /200 OK/);
      assert.match(await openssl('named', REQUEST), /200 OK/);
      assert.match(await openssl('asking', REQUEST, ...own('clerk')), /200 OK/);
    });
    assert.equal(requests, 3);
  });

  it('are refused without the right certificate', async () => {
    const before = requests;
    const expired = maker.root.issue('former', {
      extensions: [CLIENT],
      from: '20200101000000Z',
      to: '20210101000000Z',
    });
    const kinds: readonly (readonly [string, readonly string[]])[] = [
      ['tls.no-certificate-shown', []],
      ['tls.certificate-untrusted', own('guest', maker.stranger)],
      ['tls.certificate-purpose', own('server', maker.root, 'extendedKeyUsage=serverAuth')],
      ['tls.certificate-expired', ['-cert', expired.certificate, '-key', expired.privateKey]],
    ];
    await leavesNothing(scene, async () => {
      for (const version of ['-tls1_2', '-tls1_3'])
        for (const [reason, options] of kinds)
          assert.equal(
            await reasonOf(() => openssl('asking', REQUEST, version, ...options)),
            reason,
            version,
          );
    });
    assert.equal(requests, before);
  });

  it('are refused with old versions, and without a name where one is needed', async () => {
    const before = requests;
    await leavesNothing(scene, async () => {
      const old = ['-tls1', '-cipher', 'ALL:@SECLEVEL=0'];
      assert.equal(await reasonOf(() => openssl('open', REQUEST, ...old)), 'tls.version-refused');
      const weak = ['-tls1_2', '-cipher', 'ECDHE-ECDSA-AES128-SHA'];
      assert.equal(await reasonOf(() => openssl('open', REQUEST, ...weak)), 'tls.no-shared-cipher');
      const reason = await reasonOf(() => openssl('named', REQUEST, '-noservername'));
      assert.match(String(reason), /^tls\.(?:no-shared-cipher|client-handshake)$/);
    });
    assert.equal(requests, before);
  });

  it('may not negotiate anew', async () => {
    await leavesNothing(scene, async () => {
      const said = await openssl('open', 'R\n', '-tls1_2', '-no_ign_eof');
      assert.match(said, /RENEGOTIATING[^]*no renegotiation/i);
    });
  });

  it('are refused when they speak something else, or too slowly', async () => {
    const port = scene.ports['open'] ?? 0;
    const hello = Buffer.from('16030100c8010000c40303', 'hex');
    await leavesNothing(scene, async () => {
      const plain = await reasonOf(() => talk({ port, send: REQUEST }));
      assert.equal(plain, 'tls.not-tls');
      const garbage = await reasonOf(() => talk({ port, send: Buffer.alloc(5000, 0xa5) }));
      assert.equal(garbage, 'tls.not-tls');
      for (const send of ['', hello])
        assert.equal(await reasonOf(() => talk({ port, send })), 'tls.client-timeout');
      for (const then of ['end', 'reset'] as const)
        assert.equal(await reasonOf(() => talk({ port, send: hello, then })), 'tls.client-closed');
    });
  });
});
