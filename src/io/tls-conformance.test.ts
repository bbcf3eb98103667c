// What is inside of TLS is a Stream as any other: over the driver, over sockets of Node, and over links within the process.
import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { needsDriver } from '../../test/support/driver-needs.ts';
import { streamPair, testShare } from '../../test/support/driver-pair.ts';
import { needs } from '../../test/support/needs.ts';
import { readLive } from '../../test/support/read-live.ts';
import { socketPair } from '../../test/support/socket-pair.ts';
import { streamConformance } from '../../test/support/stream-conformance.ts';
import type { StreamPair } from '../../test/support/stream-scenario.ts';
import { suiteOwner } from '../../test/support/system-process.ts';
import { TestAuthority } from '../../test/support/test-authority.ts';
import { TLS_LAYERS } from '../../test/support/tls-layers.ts';
import type { TestedLayer } from '../../test/support/tls-layers.ts';
import { SocketAddress } from '../address/socket-address.ts';
import type { StaticCertificate } from '../policy/certificate-source.ts';
import { staticCertificate } from '../policy/certificate-source.ts';
import type { Encryption } from '../policy/encryption.ts';
import { twoSidedEncryption } from '../policy/encryption.ts';
import type { Stream } from '../session/stream.ts';
import type { TlsResult } from '../session/tls-layer.ts';
import { linkPair } from './link-stream.ts';
import { SocketStream } from './socket-stream.ts';

const NAME = 'www.example';
// Where the connection below has ended in order, its reset shows as an end of TLS that is missing.
const LOSSES = /^closed E(CONNRESET|PIPE|TRUNCATED)$/;
const ADDRESS = SocketAddress.parse('127.0.0.1:443');

describe('TLS', needs('openssl'), () => {
  for (const layer of TLS_LAYERS)
    describe(`by ${layer.name}`, layer.needs, () => conformanceOf(layer));
});

function conformanceOf(layer: TestedLayer): void {
  const owner = suiteOwner();
  const tls = layer.make((problem) => assert.fail(problem));
  let both: Encryption;
  let shown: StaticCertificate;

  before(() => {
    const authority = TestAuthority.make(owner);
    both = readLive(() => {
      shown = staticCertificate(authority.issue(NAME));
      return twoSidedEncryption({
        clientCertificate: shown,
        serverVerify: { authorities: authority.certificate },
      });
    });
  });

  async function secure(near: Stream, far: Stream): Promise<StreamPair> {
    const { client, server } = both;
    assert.ok(client !== undefined && server !== undefined);
    const [a, b] = await Promise.all([
      new Promise<TlsResult>((done) => tls.accept(near, client, shown, done)),
      new Promise<TlsResult>((done) =>
        tls.connect(far, server, { address: ADDRESS, name: NAME }, done),
      ),
    ]);
    assert.ok(a.ok && b.ok, JSON.stringify([a, b]));
    // Loopback buffers grow to some megabytes in either kernel queue.
    return { a: a.stream, b: b.stream, maxInFlight: 32 * 1_048_576, losses: LOSSES };
  }

  streamConformance('TLS over sockets of Node', async () => {
    const [near, far] = await socketPair();
    return secure(new SocketStream(near), new SocketStream(far));
  });

  streamConformance('TLS over links', () => secure(...linkPair(65_536)));

  describe('over the driver', needsDriver(), () => {
    const share = testShare();
    streamConformance('TLS over connections of the driver', () => secure(...streamPair(share)));
  });
}
