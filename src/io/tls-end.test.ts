import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { connect as connectTcp } from 'node:net';
import { before, describe, it } from 'node:test';
import { connect, createServer } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { needs } from '../../test/support/needs.ts';
import { suiteOwner } from '../../test/support/system-process.ts';
import { serve } from '../../test/support/system-tcp.ts';
import { TestAuthority } from '../../test/support/test-authority.ts';
import { watchEnd } from './tls-end.ts';

type End = (secured: TLSSocket, raw: Socket) => void;

const ENDS: Readonly<Record<string, readonly [end: End, isCut: boolean]>> = {
  'with its closing alert': [(secured) => secured.end('all'), false],
  'with the connection': [(secured, raw) => secured.write('all', () => raw.end()), true],
};

describe('watchEnd()', needs('openssl'), () => {
  const owner = suiteOwner();
  let cert: Buffer;
  let key: Buffer;

  before(() => {
    const made = TestAuthority.make(owner).issue('www.example');
    cert = readFileSync(made.certificate);
    key = readFileSync(made.privateKey);
  });

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
    for (const [name, [end, isCut]] of Object.entries(ENDS))
      for (const isSlow of [false, true])
        it(`tells an end ${name}, ${version}${isSlow ? ', read late' : ''}`, async () => {
          const { port } = await serve(owner, (raw) => {
            const options = { cert, key, minVersion: version, maxVersion: version };
            const secured = createServer(options, (socket) => {
              socket.on('error', () => undefined);
              setTimeout(() => end(socket, raw), 5);
            });
            secured.emit('connection', raw);
          });
          const tcp = connectTcp({ port, host: '127.0.0.1', allowHalfOpen: true });
          const socket = connect({ socket: tcp, rejectUnauthorized: false });
          await once(socket, 'secureConnect');
          const wasCut = watchEnd(socket, undefined);
          if (isSlow) await new Promise((done) => setTimeout(done, 60));
          let text = '';
          socket.on('data', (bytes: Buffer) => (text += bytes.toString()));
          await once(socket, 'end');
          socket.destroy();
          assert.deepEqual([text, wasCut()], ['all', isCut]);
        });
});
