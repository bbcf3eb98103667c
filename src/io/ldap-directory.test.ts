// What a server does to a client that is not LDAP: silence, closing, too many at once. A real slapd answers in
// test/integration/ldap.test.ts.
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import { listenOnFreePort } from '../../test/support/free-port.ts';
import { until } from '../../test/support/system-wait.ts';
import type { LdapServer } from './ldap-directory.ts';
import { LdapDirectory } from './ldap-directory.ts';

const INVALID_CREDENTIALS = 49;
const BUSY = 51;

/** A BindResponse (RFC 4511, 4.2.2) to the request that begins with these bytes. */
function bindResponse(request: Buffer, code: number): Buffer {
  return Buffer.from([0x30, 12, 2, 1, request[4] ?? 0, 0x61, 7, 10, 1, code, 4, 0, 4, 0]);
}

async function withServer(
  serve: (socket: Socket) => void,
  use: (directory: LdapDirectory, connections: () => number) => Promise<void>,
  options: Partial<LdapServer> = {},
): Promise<void> {
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    socket.on('error', () => undefined);
    serve(socket);
  });
  const port = await listenOnFreePort(server);
  const directory = new LdapDirectory({
    url: `ldap://127.0.0.1:${port}`,
    startTls: false,
    ca: undefined,
    serverName: undefined,
    timeoutMs: 2_000,
    maxConnections: 2,
    ...options,
  });
  try {
    await use(directory, () => connections);
  } finally {
    server.close();
  }
}

describe('LdapDirectory', () => {
  it('takes a no for a no, and everything else for a failure', async () => {
    let code = INVALID_CREDENTIALS;
    await withServer(
      (socket) => socket.on('data', (bytes) => socket.write(bindResponse(bytes, code))),
      async (directory) => {
        const ask = (): Promise<boolean> => directory.talk((talk) => talk.bind('cn=a', 'b'));
        assert.equal(await ask(), false);
        code = 0;
        assert.equal(await ask(), true);
        code = BUSY;
        await assert.rejects(ask());
      },
    );
  });

  it('gives a silent server up', async () => {
    await withServer(
      () => undefined,
      async (directory) => {
        const asked = directory.talk((talk) => talk.bind('cn=a', 'b'));
        await assert.rejects(asked, /did not answer within 100 ms|timeout/i);
      },
      { timeoutMs: 100 },
    );
  });

  it('does not connect again when the server closes: a password would go out without TLS', async () => {
    let isClosed = false;
    await withServer(
      (socket) => {
        socket.once('data', (bytes) => socket.end(bindResponse(bytes, 0)));
        socket.once('close', () => (isClosed = true));
      },
      async (directory, connections) => {
        const asked = directory.talk(async (talk) => {
          await talk.bind('cn=first', 'one');
          await until('the connection to be closed', () => isClosed);
          return talk.bind('cn=second', 'two');
        });
        await assert.rejects(asked);
        assert.equal(connections(), 1);
      },
    );
  });

  it('has so many connections at a time', async () => {
    const sockets: Socket[] = [];
    await withServer(
      (socket) => sockets.push(socket),
      async (directory, connections) => {
        const asked = [1, 2, 3].map(() => directory.talk((talk) => talk.bind('cn=a', 'b')));
        const results = Promise.allSettled(asked);
        await until('two connections', () => connections() === 2);
        for (const socket of sockets) socket.destroy();
        await Promise.allSettled(asked.slice(0, 2));
        await until('the third connection', () => connections() === 3);
        for (const socket of sockets) socket.destroy();
        await results;
      },
    );
  });

  it('fails where nobody listens', async () => {
    const directory = new LdapDirectory({
      url: 'ldap://127.0.0.1:1',
      startTls: false,
      ca: undefined,
      serverName: undefined,
      timeoutMs: 1_000,
      maxConnections: 1,
    });
    await assert.rejects(directory.talk((talk) => talk.bind('cn=a', 'b')));
  });
});
