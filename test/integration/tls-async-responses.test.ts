// A server that ends, or says more than it was asked, while a function of the policy decides about its response: it gets no
// further request of a client that pipelines. Over TLS each record is read in a turn of its own.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from 'node:tls';
import { staticCertificate } from '../../src/policy/certificate-source.ts';
import { clientOnlyEncryption } from '../../src/policy/encryption.ts';
import { httpProxy } from '../../src/protocols/http/index.ts';
import { accept } from '../../src/proxy/policy-action.ts';
import { needs } from '../support/needs.ts';
import { readLive } from '../support/read-live.ts';
import type { TestInstance } from '../support/system-instance.ts';
import { leavesNothing, startInstance } from '../support/system-instance.ts';
import { suiteOwner } from '../support/system-process.ts';
import { serve } from '../support/system-tcp.ts';
import { until } from '../support/system-wait.ts';
import { CertificateMaker } from '../support/tls-servers.ts';

/** All parts are in this process: in so many turns of its loop what was sent has come. */
const SETTLED_MS = 100;

const FIRST = 'GET /first HTTP/1.1\r\nHost: www.example\r\n\r\n';
const SECOND =
  'POST /second HTTP/1.1\r\nHost: www.example\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi';

const WAYS: Readonly<Record<string, (server: Socket) => unknown>> = {
  'ends its connection': (server) => server.end(),
  'resets its connection': (server) => server.resetAndDestroy(),
  'sends a further response': (server) =>
    server.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstray'),
};

describe('a server, while the policy decides about its response,', needs('openssl'), () => {
  const owner = suiteOwner();
  /** Each lets the policy accept a response. */
  const decisions: (() => void)[] = [];
  let servers: Socket[] = [];
  let scene: TestInstance;

  before(async () => {
    const { port } = await serve(owner, (socket) => {
      servers.push(socket);
      socket.on('end', () => socket.end());
      socket.on('data', (bytes: Buffer) => {
        const [, path = ''] = /^\S+ \/(\S+)/.exec(bytes.toString('latin1')) ?? [];
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${path.length}\r\n\r\n${path}`);
      });
    });
    const maker = new CertificateMaker(owner);
    const encryption = readLive(() =>
      clientOnlyEncryption({ clientCertificate: staticCertificate(maker.issue('shown')) }),
    );
    const proxy = httpProxy({
      response: {
        '*': {
          '*': () => {
            const { promise, resolve } = Promise.withResolvers<ReturnType<typeof accept>>();
            decisions.push(() => resolve(accept()));
            return promise;
          },
        },
      },
    });
    scene = await startInstance(owner, port, { proxy }, { encryption });
  });

  for (const [way, act] of Object.entries(WAYS)) {
    it(`gets no further request if it ${way}`, async () => {
      await leavesNothing(scene, async () => {
        servers = [];
        const client = connect({ port: scene.ports['proxy'] ?? 0, rejectUnauthorized: false });
        let answers = '';
        client.on('data', (bytes: Buffer) => (answers += bytes.toString('latin1')));
        await once(client, 'secureConnect');
        client.write(FIRST);
        const first = await until('the first decision', () => decisions.shift());
        for (const server of servers) act(server);
        await pause(SETTLED_MS);
        client.write(SECOND);
        await pause(SETTLED_MS);
        first();
        const second = await until('the second decision', () => decisions.shift());
        second();
        await once(client, 'end');
        assert.deepEqual(answers.match(/HTTP\/1\.1 \d+|first|second|stray/g), [
          'HTTP/1.1 200',
          'first',
          'HTTP/1.1 200',
          'second',
        ]);
        assert.equal(servers.length, 2, 'the second request went over another connection');
      });
    });
  }
});
