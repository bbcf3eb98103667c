// What a stream of the driver had is the socket's of Node: bytes of both directions, its end, and TLS on top of it.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { TLSSocket } from 'node:tls';
import { discard, openPort, PortLog } from '../../test/support/driver-lab.ts';
import { needsDriver } from '../../test/support/driver-needs.ts';
import { streamPair, testShare } from '../../test/support/driver-pair.ts';
import { needs } from '../../test/support/needs.ts';
import { StreamRecorder, turns } from '../../test/support/stream-recorder.ts';
import { randomBytes, split } from '../../test/support/stream-scenario.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { DriverStream } from './driver-stream.ts';
import { takeOver } from './take-over.ts';

describe('a socket that takes a stream over', needsDriver(), () => {
  it('begins with what was read, ends what was written, and is counted as before', async () => {
    const share = testShare();
    const { free } = share.budget;
    const [near, far] = streamPair(share);
    const peer = new StreamRecorder('far', far);
    peer.listen();
    peer.hold('slow');
    const sent = randomBytes(8 * 1_048_576);
    for (const chunk of split(sent)) near.write(chunk);
    near.end();
    far.write(Buffer.from('third'));
    await turns(5);
    const socket = takeOver(near, [Buffer.from('first '), Buffer.from('second ')]) ?? assert.fail();
    assert.equal(near.descriptor, undefined);
    assert.equal(takeOver(near), undefined);
    assert.equal(share.driver.count, 1);
    let heard = '';
    socket.on('data', (bytes: Buffer) => (heard += bytes.toString())).resume();
    peer.release('slow');
    await peer.until('ended', () => peer.hasEnded);
    assert.ok(peer.bytes().equals(sent));
    assert.ok(share.budget.free < free);
    peer.end();
    await Promise.all([once(socket, 'close'), peer.untilClosed()]);
    assert.equal(heard, 'first second third');
    assert.equal(share.budget.free, free);
  });

  it('knows of what it has not read', async () => {
    const [near, far] = streamPair(testShare());
    const socket = takeOver(near) ?? assert.fail();
    assert.equal(socket.hasUnread(), false);
    far.write(Buffer.from('late'));
    await turns(1);
    assert.equal(socket.hasUnread(), true);
    const [bytes] = (await once(socket.resume(), 'data')) as [Buffer];
    assert.equal(bytes.toString(), 'late');
    assert.equal(socket.hasUnread(), false);
    socket.pause();
    await discard(far);
    assert.equal(socket.hasUnread(), true);
    socket.destroy();
    assert.equal(socket.hasUnread(), true);
  });

  it('is none of a stream that is closed', async () => {
    const [near, far] = streamPair(testShare());
    await Promise.all([discard(near), discard(far)]);
    assert.equal(takeOver(near), undefined);
  });

  it(
    'carries TLS, also when the first bytes of the handshake were read before',
    needs('openssl'),
    async (t) => {
      const folder = temporaryFolder(t, 'tls');
      const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
      const subject = ['-subj', '/CN=zorp.example', '-days', '2'];
      const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
      const made = ['req', '-x509', ...curve, '-keyout', key, '-out', cert, ...subject];
      execFileSync('openssl', made, { stdio: 'ignore' });
      const log = new PortLog();
      const port = await openPort(testShare(), log);
      const arrival = log.next();
      const where = String(port.address);
      const client = spawn('openssl', ['s_client', '-quiet', '-connect', where], { stdio: 'pipe' });
      client.stdin.write('a word of the client\n');
      const { stream } = await arrival;
      const hello: Uint8Array[] = [];
      stream.listen({
        received: (bytes) => {
          hello.push(Uint8Array.from(bytes));
          stream.hold('enough');
        },
        ended: () => undefined,
        drained: () => undefined,
        closed: () => undefined,
      });
      while (hello.length === 0) await turns(1);
      assert.equal(hello[0]?.[0], 22); // a record of the handshake (RFC 8446, 5.1)
      assert.ok(stream instanceof DriverStream);
      const socket = takeOver(stream, hello) ?? assert.fail();
      const context = { key: readFileSync(key), cert: readFileSync(cert) };
      const secure = new TLSSocket(socket, { isServer: true, ...context });
      const [word] = (await once(secure, 'data')) as [Buffer];
      assert.equal(word.toString(), 'a word of the client\n');
      secure.end('an answer\n');
      const [answer] = (await once(client.stdout, 'data')) as [Buffer];
      assert.equal(answer.toString(), 'an answer\n');
      client.kill();
      await once(client, 'close');
      secure.destroy();
      port.close();
    },
  );
});
