// Everything that the engine of TLS asks of OpenSSL, for somebody who watches every access to memory: handshakes of each version,
// bulk, sessions, ends, alerts, and bytes that are not TLS. It prints how many connections there were.
import assert from 'node:assert/strict';
import { OpenSslConnection } from '../../src/io/openssl-connection.ts';
import { EngineScene, sceneContext } from './engine-scene.ts';
import { carry, freeBoth, memoryPair, SERVER_NAME } from './openssl-lab.ts';
import { testShare } from './tls-layers.ts';

const share = testShare();
const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;
let connections = 0;

for (const maxVersion of VERSIONS) {
  const applicationProtocols = ['h2', 'http/1.1'];
  const contexts = {
    client: sceneContext('client', { tls: { maxVersion, applicationProtocols } }),
    server: sceneContext('server', { tls: { applicationProtocols } }),
  };
  let session: Buffer | undefined;
  for (const pieceBytes of [1, 700, Infinity]) {
    const pair = memoryPair(share, contexts, { session, asksStaple: true });
    carry(pair, pieceBytes);
    assert.ok(pair.client.isShaken && pair.server.isShaken);
    const { connection } = pair.client;
    assert.equal(connection.isResumed, session !== undefined);
    assert.deepEqual([connection.verifyResult, connection.staple], [0, undefined]);
    assert.equal(connection.chain().length, 2 - Number(connection.isResumed));
    assert.equal(connection.applicationProtocol, 'h2');
    const long = Buffer.alloc(200_000, 'bulk. ');
    pair.server.take(pair.client.say(long));
    assert.ok(pair.server.heard.equals(long));
    session = connection.session();
    pair.server.take(pair.client.end());
    freeBoth(pair);
    connections += 2;
  }
}

for (const role of ['server', 'client'] as const)
  for (const bytes of [
    'garbage'.repeat(30),
    '\x15\x03\x03\0\x02\x02\x28',
    '\x16\x03\x01\0\x05\x01\0\0\x01\0',
  ]) {
    using fresh = new EngineScene({ role });
    fresh.wire.says(bytes).ends().settle();
    using secured = EngineScene.secured({ role });
    secured.says('said').wire.says(bytes).ends().settle();
    assert.equal(secured.text, 'said');
    connections += 4;
  }

for (let length = 0; length < 40; length++) {
  using cut = new EngineScene();
  cut.wire.says(cut.peer.take().subarray(0, length * 20)).settle();
  connections += 2;
}

const bad = {
  serverName: SERVER_NAME,
  session: Buffer.from('3006020101', 'hex'),
  asksStaple: false,
};
assert.throws(() => new OpenSslConnection(share, sceneContext('client'), bad));
process.stdout.write(`${connections}\n`);
