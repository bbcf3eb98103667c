// Servers of TLS through a running instance: those that should not be trusted are not, each with its reason, as OpenSSL itself
// judges them or more strictly; none of them sees a byte of the request, and the client is told why.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { serverOnlyEncryption } from '../../src/policy/encryption.ts';
import { directedRouter } from '../../src/policy/router.ts';
import { service } from '../../src/policy/service.ts';
import type { Service } from '../../src/policy/service.ts';
import { httpProxy } from '../../src/protocols/http/index.ts';
import { badServers } from '../support/bad-servers.ts';
import { goodServers } from '../support/good-servers.ts';
import type { DecisionRecord } from '../../src/log/decision-record.ts';
import { needs } from '../support/needs.ts';
import { readLive } from '../support/read-live.ts';
import type { TestInstance } from '../support/system-instance.ts';
import { leavesNothing, startServices } from '../support/system-instance.ts';
import { run, suiteOwner } from '../support/system-process.ts';
import { talk } from '../support/system-tcp.ts';
import type { RunningServer, ServerCase } from '../support/tls-servers.ts';
import { CertificateMaker, NAME, startServer } from '../support/tls-servers.ts';
import { until } from '../support/system-wait.ts';

describe('servers of TLS', needs('openssl'), () => {
  const owner = suiteOwner();
  const servers = new Map<string, RunningServer>();
  let maker: CertificateMaker;
  let bad: readonly ServerCase[];
  let good: readonly ServerCase[];
  let scene: TestInstance;

  before(async () => {
    maker = new CertificateMaker(owner);
    bad = badServers(maker);
    good = goodServers(maker);
    const services: Service[] = [];
    for (const one of [...bad, ...good]) {
      const running = await startServer(owner, one.server);
      servers.set(one.name, running);
      services.push(serviceFor(one, running.port));
    }
    scene = await startServices(owner, services);
  });

  function serviceFor({ name, serverName = NAME, verify, tls }: ServerCase, port: number): Service {
    const encryption = readLive(() =>
      serverOnlyEncryption({
        ...(serverName === null ? {} : { serverName }),
        serverVerify: { authorities: maker.root.certificate, ...verify },
        ...(tls === undefined ? {} : { serverTls: tls }),
      }),
    );
    const router = directedRouter({ destination: `127.0.0.1:${port}` });
    return service(idOf(name), { proxy: httpProxy(), router, encryption });
  }

  function serverOf({ name }: ServerCase): RunningServer {
    const running = servers.get(name);
    assert.ok(running !== undefined);
    return running;
  }

  /** The answer that a client gets, and what the record says about it. */
  async function ask(one: ServerCase): Promise<{ status: number; page: string; reason: unknown }> {
    const host = one.serverName === null ? '127.0.0.1' : (one.serverName ?? NAME);
    const send = `GET /secret HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
    const records = (): readonly DecisionRecord[] =>
      scene.log.records.filter(({ service: name }) => name === idOf(one.name));
    const before = records().length;
    const { received } = await talk({ port: scene.ports[idOf(one.name)] ?? 0, send });
    const page = received.toString('latin1');
    const record = await until('a record', () => records().slice(before).at(-1));
    return { status: Number(page.slice(9, 12)), page, reason: record.reason };
  }

  /** What `openssl s_client` says of a server: the number of its first error, or 0. */
  async function verdict(one: ServerCase): Promise<number> {
    const { serverName: name = NAME, opensslOptions = [] } = one;
    const named = name === null ? ['-verify_ip', '127.0.0.1'] : ['-verify_hostname', name];
    const { stdout, stderr } = await run(owner, [
      'openssl',
      ...['s_client', '-connect', `127.0.0.1:${serverOf(one).port}`, '-servername', name ?? 'none'],
      ...['-CAfile', maker.root.certificate, '-verify_return_error', ...named, ...opensslOptions],
    ]);
    const error = /verify error:num=(\d+)/.exec(stderr);
    if (error === null) assert.match(stdout, /Verify(?:cation: OK| return code: 0)/, stderr);
    return Number(error?.[1] ?? 0);
  }

  it('are at least thirty that are bad, and eight that are good', () => {
    assert.ok(bad.length >= 30, String(bad.length));
    assert.ok(good.length >= 8, String(good.length));
  });

  it('are refused where they are bad, each for its reason, and learn nothing', async (test) => {
    await leavesNothing(scene, async () => {
      for (const one of bad)
        await test.test(`a server ${one.name}`, async () => {
          const { status, page, reason } = await ask(one);
          assert.deepEqual([reason, status], [one.reason, one.status]);
          assert.ok(one.reason !== undefined && page.includes(one.reason), page);
          assert.ok(!serverOf(one).seen().includes('secret'));
          if (typeof one.server !== 'function') assert.equal(serverOf(one).seen(), '');
        });
    });
  });

  it('are accepted where they are good', async (test) => {
    for (const one of good)
      await test.test(`a server ${one.name}`, async () => {
        const { status, page } = await ask(one);
        assert.equal(status, 200, page);
        assert.match(serverOf(one).seen(), /^GET \/secret /);
      });
  });

  it('are judged by OpenSSL as here, or less strictly', async (test) => {
    for (const one of [...bad, ...good])
      if (one.openssl !== undefined)
        await test.test(`a server ${one.name}`, async () => {
          assert.equal(await verdict(one), one.openssl);
        });
  });

  it('are believed when they resume a session, without another staple', async () => {
    const one = good.find(({ name }) => name === 'with a staple that is demanded');
    assert.ok(one !== undefined && typeof one.server !== 'function');
    await ask(one);
    await ask(one);
    const { serverTls } =
      scene.log.records.findLast(({ service: name }) => name === idOf(one.name)) ?? {};
    assert.deepEqual([serverTls?.resumed, serverTls?.peer?.trusted], [true, true]);
    const { certificate, privateKey } = one.server;
    serverOf(one).change({ certificate, privateKey, options: { sessionIdContext: 'another' } });
    assert.equal((await ask(one)).status, 200);
  });

  it('are looked at again when they show another certificate', async () => {
    const [one] = good;
    assert.ok(one !== undefined && typeof one.server !== 'function');
    const running = serverOf(one);
    const before = running.seen();
    assert.equal((await ask(one)).status, 200);
    const since = running.seen();
    assert.notEqual(since, before);
    const [expired] = bad;
    assert.ok(expired !== undefined && typeof expired.server !== 'function');
    running.change(expired.server);
    assert.deepEqual([(await ask(one)).status, (await ask(one)).reason], [403, expired.reason]);
    assert.equal(running.seen(), since);
    running.change(one.server);
    assert.equal((await ask(one)).status, 200);
  });
});

/** The name of a service: of letters, digits and a few signs. */
function idOf(name: string): string {
  return name.replace(/[^a-z0-9]+/gi, '-');
}
