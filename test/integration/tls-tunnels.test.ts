// TLS inside of CONNECT that is opened: the service in the tunnel speaks TLS with the client and again with the server, and
// its policy sees the requests between.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { before, describe, it } from 'node:test';
import { staticCertificate } from '../../src/policy/certificate-source.ts';
import { twoSidedEncryption } from '../../src/policy/encryption.ts';
import { directedRouter } from '../../src/policy/router.ts';
import { service } from '../../src/policy/service.ts';
import { httpProxy } from '../../src/protocols/http/index.ts';
import { accept, reject } from '../../src/proxy/policy-action.ts';
import { needs } from '../support/needs.ts';
import { readLive } from '../support/read-live.ts';
import type { TestInstance } from '../support/system-instance.ts';
import { leavesNothing, recordOf, startServices } from '../support/system-instance.ts';
import type { ProcessEnd } from '../support/system-process.ts';
import { run, suiteOwner } from '../support/system-process.ts';
import { talk } from '../support/system-tcp.ts';
import type { Talk, TalkOptions } from '../support/system-tcp.ts';
import { until } from '../support/system-wait.ts';
import type { RunningServer } from '../support/tls-servers.ts';
import { ANSWER, CertificateMaker, NAME, startServer } from '../support/tls-servers.ts';

const CONNECT = `CONNECT ${NAME}:443 HTTP/1.1\r\nHost: ${NAME}:443\r\n\r\n`;
const HANDSHAKE_MS = 3000;

describe('TLS in a tunnel that is opened', needs('openssl', 'curl'), () => {
  const owner = suiteOwner();
  const seen: string[] = [];
  let maker: CertificateMaker;
  let scene: TestInstance;
  let server: RunningServer;

  before(async () => {
    maker = new CertificateMaker(owner);
    server = await startServer(owner, maker.issue('server'));
    const router = directedRouter({ destination: `127.0.0.1:${server.port}` });
    const encryption = readLive(() =>
      twoSidedEncryption({
        clientCertificate: staticCertificate(maker.issue('shown')),
        clientTls: { handshakeTimeoutMs: HANDSHAKE_MS },
        serverVerify: { authorities: maker.root.certificate },
      }),
    );
    const proxy = httpProxy({
      defaultPort: 443,
      request: {
        GET: (request) => {
          seen.push(request.url.text);
          return request.url.path === '/refused' ? reject('Not this one') : accept();
        },
      },
    });
    const inner = service('inner', { proxy, router, encryption, limits: { maxInstances: 1 } });
    const explicit = httpProxy({ mode: 'explicit', connect: inner });
    scene = await startServices(owner, [service('gateway', { proxy: explicit, router }), inner]);
  });

  function curl(path: string, authority = maker.root.certificate): Promise<ProcessEnd> {
    const by = ['-x', `http://127.0.0.1:${scene.ports['gateway'] ?? 0}`, '--cacert', authority];
    return run(owner, ['curl', '-q', '-sS', '-m', '30', ...by, `https://${NAME}${path}`]);
  }

  function tunnel(options: Partial<TalkOptions>): Promise<Talk> {
    return talk({ port: scene.ports['gateway'] ?? 0, send: CONNECT, ...options });
  }

  /** Does something, and the reason of the session that it made. */
  async function reasonOf(work: () => Promise<unknown>): Promise<unknown> {
    return (await recordOf(scene, work)).reason;
  }

  it('shows the policy what is inside, and speaks TLS again with the server', async () => {
    await leavesNothing(scene, async () => {
      const { stdout, stderr } = await curl('/page');
      assert.equal(stdout, 'ok', stderr);
    });
    assert.deepEqual(seen.splice(0), [`https://${NAME}/page`]);
    assert.match(server.seen(), /^GET \/page HTTP\/1\.1\r\n/);
    const record = scene.log.records.at(-1);
    const { clientTls, serverTls } = record ?? {};
    assert.deepEqual(
      [clientTls?.serverName, serverTls?.serverName, serverTls?.peer?.trusted],
      [NAME, NAME, true],
    );
  });

  it('loses nothing of an answer behind which the server goes on', async () => {
    server.answer = `${ANSWER}${'x'.repeat(100_000)}`;
    for (let time = 0; time < 3; time++) {
      const { stdout, stderr } = await curl('/page');
      assert.equal(stdout, 'ok', stderr);
    }
    server.answer = ANSWER;
    seen.splice(0);
  });

  it('says within TLS what the policy refuses, and whom it does not trust', async () => {
    const before = server.seen();
    assert.match((await curl('/refused')).stdout, /Not this one/);
    server.change(maker.stranger.issue('else', { extensions: [`subjectAltName=DNS:${NAME}`] }));
    assert.match((await curl('/page')).stdout, /tls\.certificate-untrusted/);
    const refused = await until('the refusal', () =>
      scene.log.records.find(({ reason }) => reason === 'tls.certificate-untrusted'),
    );
    assert.match(refused.message, /^The service \w+ ended the tunnel: The certificate of /);
    assert.equal(server.seen(), before);
    server.change(maker.issue('server-again'));
  });

  it('ends the tunnel when the handshake inside fails', async () => {
    await leavesNothing(scene, async () => {
      const reason = await reasonOf(async () => {
        assert.equal((await curl('/page', maker.stranger.certificate)).status, 60);
      });
      // curl resets the connection right behind its alert, which may overtake it.
      assert.match(String(reason), /^tls\.client-(?:alert|closed)$/);
      const plain = await reasonOf(() => tunnel({ send: `${CONNECT}GET / HTTP/1.1\r\n\r\n` }));
      assert.equal(plain, 'tls.not-tls');
      const silent = await reasonOf(async () => {
        const { received, ended } = await tunnel({});
        assert.match(received.toString(), /^HTTP\/1\.1 200 /);
        assert.match(ended, /^(?:end|ECONNRESET)$/);
      });
      assert.equal(silent, 'tls.client-timeout');
    });
  });

  it('gives up the handshake inside when the client leaves, at whatever moment', async () => {
    const hello = Buffer.from('16030100c0010000bc0303', 'hex');
    await leavesNothing(scene, async () => {
      for (const then of ['end', 'reset'] as const)
        for (const more of [Buffer.alloc(0), hello]) {
          const send = Buffer.concat([Buffer.from(CONNECT), more]);
          await tunnel({ send, then });
          await tunnel({ send, then, afterBytes: 20 });
        }
    });
  });

  it('counts each tunnel once, however its handshake ended', async (t) => {
    const held = connect({ port: scene.ports['gateway'] ?? 0, host: '127.0.0.1' });
    t.after(() => held.destroy());
    held.write(CONNECT);
    const [opening] = (await once(held, 'data')) as [Buffer];
    assert.match(opening.toString(), /^HTTP\/1\.1 200 /);
    assert.equal(await reasonOf(() => tunnel({})), 'limit.max-instances');
    held.destroy();
    await until('the end', () => (scene.instance.sessionCount === 0 ? true : undefined));
    assert.equal((await curl('/page')).stdout, 'ok');
  });
});
