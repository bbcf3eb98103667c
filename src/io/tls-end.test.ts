import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { before, describe, it } from 'node:test';
import type { SecureVersion } from 'node:tls';
import { connect, TLSSocket } from 'node:tls';
import { needs } from '../../test/support/needs.ts';
import { socketPair } from '../../test/support/socket-pair.ts';
import { suiteOwner } from '../../test/support/system-process.ts';
import { TestAuthority } from '../../test/support/test-authority.ts';
import { SocketStream } from './socket-stream.ts';
import { StreamDuplex } from './stream-duplex.ts';
import { watchEnd } from './tls-end.ts';

/** A record of application data that is longer than what comes of it. */
const HALF_A_RECORD = Buffer.from('1703030064010203', 'hex');

/** How a peer ends, by what it has of TLS and of the connection beneath. */
const ENDS: Readonly<Record<string, (peer: TLSSocket, raw: Socket) => void>> = {
  'with the closing alert': (peer) => peer.end(),
  'without one': (_, raw) => raw.end(),
  'in the middle of a record': (_, raw) => raw.end(HALF_A_RECORD),
};

const CARRIERS: Readonly<Record<string, (socket: Socket) => Duplex>> = {
  'a socket': (socket) => socket,
  'a stream': (socket) => new StreamDuplex(new SocketStream(socket)),
};

describe('the end of TLS', needs('openssl'), () => {
  const owner = suiteOwner();
  let shown: { readonly cert: Buffer; readonly key: Buffer };

  before(() => {
    const files = TestAuthority.make(owner).issue('www.example');
    shown = { cert: readFileSync(files.certificate), key: readFileSync(files.privateKey) };
  });

  /** What is seen of a peer that sends this many bytes, and then ends. */
  async function see(
    [over, how]: readonly [string, string],
    { bytes, version, isHeld }: { bytes: number; version: SecureVersion; isHeld: boolean },
  ): Promise<readonly [received: number, isTruncated: boolean]> {
    const [far, near] = await socketPair();
    const carrier = CARRIERS[over]?.(near) ?? near;
    const socket = new TLSSocket(carrier, { isServer: true, ...shown, maxVersion: version });
    socket.on('error', () => undefined);
    const end = watchEnd(socket, carrier);
    const peer = connect({ socket: far, rejectUnauthorized: false }).on('error', () => undefined);
    await Promise.all([once(socket, 'secure'), once(peer, 'secureConnect')]);
    await new Promise<void>((done) => {
      if (bytes === 0) done();
      else peer.write(Buffer.alloc(bytes), () => done());
    });
    const ended = once(socket, 'end');
    ENDS[how]?.(peer, far);
    // What is read before anybody asks for it waits in the socket.
    if (isHeld) await new Promise((done) => setTimeout(done, 30));
    let received = 0;
    socket.on('data', (data: Buffer) => (received += data.length));
    await ended;
    socket.destroy();
    far.destroy();
    return [received, end.isTruncated];
  }

  for (const over of Object.keys(CARRIERS))
    for (const how of Object.keys(ENDS))
      it(`is told from that of ${over} by a peer that ends ${how}`, async () => {
        const expected = !how.startsWith('with the closing alert');
        for (const version of ['TLSv1.3', 'TLSv1.2'] as const)
          for (const isHeld of [false, true])
            for (const bytes of [0, 5, 300_000])
              assert.deepEqual(
                await see([over, how], { bytes, version, isHeld }),
                [bytes, expected],
                `${version} ${isHeld ? 'held' : 'read'}`,
              );
      });
});
