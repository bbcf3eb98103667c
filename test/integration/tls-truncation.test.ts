// Connections of TLS that end without its closing alert, at either side of a running instance: what may be cut is not passed as whole.
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { before, describe, it } from 'node:test';
import { TLSSocket } from 'node:tls';
import { readFileSync } from 'node:fs';
import type { DecisionRecord } from '../../src/log/decision-record.ts';
import { staticCertificate } from '../../src/policy/certificate-source.ts';
import { clientOnlyEncryption, serverOnlyEncryption } from '../../src/policy/encryption.ts';
import { directedRouter } from '../../src/policy/router.ts';
import type { Service } from '../../src/policy/service.ts';
import { service } from '../../src/policy/service.ts';
import { httpProxy } from '../../src/protocols/http/index.ts';
import { plugProxy } from '../../src/protocols/plug/index.ts';
import { needs } from '../support/needs.ts';
import { readLive } from '../support/read-live.ts';
import type { TestInstance } from '../support/system-instance.ts';
import { leavesNothing, startServices } from '../support/system-instance.ts';
import { suiteOwner, SystemProcess } from '../support/system-process.ts';
import type { Talk } from '../support/system-tcp.ts';
import { serve, talk } from '../support/system-tcp.ts';
import { until } from '../support/system-wait.ts';
import { CertificateMaker, NAME } from '../support/tls-servers.ts';

// A client of HTTP/1.0 has no chunks: it is told the end by that of the connection.
const REQUEST = `GET / HTTP/1.0\r\nHost: ${NAME}\r\n\r\n`;
const UNTIL_CLOSE = 'HTTP/1.0 200 OK\r\n\r\nbody';
const WITH_LENGTH = 'HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nbody';

type Answer = 'until-close' | 'length';
type End = 'alert' | 'cut';

describe('TLS without its end', needs('openssl'), () => {
  const owner = suiteOwner();
  let maker: CertificateMaker;
  let scene: TestInstance;
  /** How the server answers next. */
  let next: { readonly answer: Answer; readonly end: End };
  /** How the connections of the plain server ended. */
  const plainEnds: string[] = [];

  before(async () => {
    maker = new CertificateMaker(owner);
    const { certificate, privateKey } = maker.issue('server');
    const shown = { cert: readFileSync(certificate), key: readFileSync(privateKey) };
    const secured = await serve(owner, (raw) => answer(raw, shown));
    const plain = await serve(owner, (socket) => {
      socket.on('data', () => undefined).on('end', () => socket.end());
      socket.on('error', ({ message }) => plainEnds.push(message));
      socket.on('end', () => plainEnds.push('end'));
    });
    scene = await startServices(owner, servicesFor(secured.port, plain.port));
  });

  function answer(raw: Socket, shown: { readonly cert: Buffer; readonly key: Buffer }): void {
    const socket = new TLSSocket(raw, { isServer: true, ...shown });
    socket.on('error', () => undefined).on('end', () => socket.destroy());
    socket.once('data', () => {
      socket.write(next.answer === 'length' ? WITH_LENGTH : UNTIL_CLOSE, () => {
        if (next.end === 'alert') socket.end();
        else raw.end();
      });
    });
  }

  function servicesFor(securedPort: number, plainPort: number): readonly Service[] {
    const router = directedRouter({ destination: `127.0.0.1:${securedPort}` });
    const shared = { serverName: NAME, serverVerify: { authorities: maker.root.certificate } };
    const [strict, lenient, ofClients] = [
      readLive(() => serverOnlyEncryption(shared)),
      readLive(() => serverOnlyEncryption({ ...shared, serverTls: { permitTruncation: true } })),
      readLive(() =>
        clientOnlyEncryption({ clientCertificate: staticCertificate(maker.issue('shown')) }),
      ),
    ] as const;
    return [
      service('http', { proxy: httpProxy(), router, encryption: strict }),
      service('http-lenient', { proxy: httpProxy(), router, encryption: lenient }),
      service('plug', { proxy: plugProxy(), router, encryption: strict }),
      service('clients', {
        proxy: plugProxy(),
        router: directedRouter({ destination: `127.0.0.1:${plainPort}` }),
        encryption: ofClients,
      }),
    ];
  }

  async function record(name: string, go: () => Promise<unknown>): Promise<DecisionRecord> {
    const records = (): readonly DecisionRecord[] =>
      scene.log.records.filter(({ service: one }) => one === name);
    const count = records().length;
    await go();
    return until('a record', () => records().slice(count).at(-1));
  }

  /** What a client gets of a server that answers like this, and what the record says of it. */
  async function ask(
    name: string,
    how: typeof next,
  ): Promise<readonly [body: string, ended: string, reason: string, truncated: unknown]> {
    next = how;
    let heard: Talk | undefined;
    const { reason, serverTls } = await record(name, async () => {
      heard = await talk({ port: scene.ports[name] ?? 0, send: REQUEST });
    });
    const body = heard?.received.toString('latin1').split('\r\n\r\n')[1] ?? '';
    return [body, heard?.ended ?? '', reason, serverTls?.truncated];
  }

  it('resets a client whose answer may have been cut, and no other', async () => {
    const good = ['body', 'end', 'http.finished'] as const;
    assert.deepEqual(await ask('http', { answer: 'until-close', end: 'alert' }), [...good, false]);
    assert.deepEqual(await ask('http', { answer: 'until-close', end: 'cut' }), [
      ...['body', 'ECONNRESET', 'http.server-truncated', true],
    ]);
    const [body, ended, reason] = await ask('http', { answer: 'length', end: 'cut' });
    assert.deepEqual([body, ended, reason], good);
  });

  it('takes it for an end where the policy permits that, and records it', async () => {
    assert.deepEqual(await ask('http-lenient', { answer: 'until-close', end: 'cut' }), [
      ...['body', 'end', 'http.finished', true],
    ]);
  });

  it('is recorded by a plug, and passed on as a reset', async () => {
    const [body, ended, reason, truncated] = await ask('plug', { answer: 'length', end: 'cut' });
    assert.deepEqual([body, reason, truncated], ['body', 'plug.server-truncated', true]);
    assert.equal(ended, 'ECONNRESET');
    const whole = await ask('plug', { answer: 'length', end: 'alert' });
    assert.deepEqual(whole, ['body', 'end', 'plug.both-ended', false]);
  });

  it('tells a client that is killed from one that ends', async () => {
    const ended = async (end: (client: SystemProcess) => void): Promise<DecisionRecord> =>
      record('clients', async () => {
        const to = ['-connect', `127.0.0.1:${scene.ports['clients'] ?? 0}`, '-servername', NAME];
        // Of TLS 1.3 it might not have read its tickets yet, and be reset for that.
        const options = ['s_client', '-tls1_2', ...to];
        const client = SystemProcess.start(owner, ['openssl', ...options]);
        await until('the handshake', () => client.stdout.includes('Verification') || undefined);
        end(client);
        await client.ended;
      });
    await leavesNothing(scene, async () => {
      const killed = await ended((client) => process.kill(client.pid, 'SIGKILL'));
      assert.deepEqual(
        [killed.reason, killed.clientTls?.truncated],
        ['plug.client-truncated', true],
      );
      await until('a reset', () => plainEnds.includes('read ECONNRESET') || undefined);
      const left = await ended((client) => client.tell('Q\n'));
      assert.deepEqual([left.reason, left.clientTls?.truncated], ['plug.both-ended', false]);
    });
  });
});
