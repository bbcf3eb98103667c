// A handshake that fails is one line in the record, with side, alert and reason: openssl as the client that says no, and a server
// that answers with each alert there is.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { DecisionRecord } from '../../src/log/decision-record.ts';
import { staticCertificate } from '../../src/policy/certificate-source.ts';
import { clientOnlyEncryption, serverOnlyEncryption } from '../../src/policy/encryption.ts';
import { directedRouter } from '../../src/policy/router.ts';
import { service } from '../../src/policy/service.ts';
import { httpProxy } from '../../src/protocols/http/index.ts';
import { plugProxy } from '../../src/protocols/plug/index.ts';
import { needs } from '../support/needs.ts';
import { readLive } from '../support/read-live.ts';
import type { TestInstance } from '../support/system-instance.ts';
import { recordOf, startServices } from '../support/system-instance.ts';
import { run, suiteOwner } from '../support/system-process.ts';
import { talk } from '../support/system-tcp.ts';
import { CertificateMaker, NAME, startServer } from '../support/tls-servers.ts';

/** The alerts of TLS 1.2 and 1.3 that end a handshake (RFC 8446, 6.2, and RFC 5246, 7.2), as records name them. */
const ALERTS: readonly (readonly [number: number, name: string])[] = [
  [10, 'unexpected message'],
  [20, 'bad record mac'],
  [22, 'record overflow'],
  [40, 'handshake failure'],
  [42, 'bad certificate'],
  [43, 'unsupported certificate'],
  [44, 'certificate revoked'],
  [45, 'certificate expired'],
  [46, 'certificate unknown'],
  [47, 'illegal parameter'],
  [48, 'unknown ca'],
  [49, 'access denied'],
  [50, 'decode error'],
  [51, 'decrypt error'],
  [71, 'insufficient security'],
  [80, 'internal error'],
  [86, 'inappropriate fallback'],
  [90, 'user cancelled'],
  [109, 'missing extension'],
  [110, 'unsupported extension'],
  [112, 'unrecognized name'],
  [113, 'bad certificate status response'],
  [115, 'unknown psk identity'],
  [116, 'certificate required'],
  [120, 'no application protocol'],
];
const FATAL = 2;

describe('a handshake of TLS that fails', needs('openssl'), () => {
  const owner = suiteOwner();
  let maker: CertificateMaker;
  let scene: TestInstance;
  let nextAlert = Buffer.alloc(0);

  before(async () => {
    maker = new CertificateMaker(owner);
    const { port } = await startServer(owner, (socket) => socket.end(nextAlert));
    const router = directedRouter({ destination: `127.0.0.1:${port}` });
    const made = maker.issue('shown');
    const [clients, servers] = readLive(
      () =>
        [
          clientOnlyEncryption({
            clientCertificate: staticCertificate(made),
            clientTls: { groups: 'X25519:P-256' },
          }),
          serverOnlyEncryption({
            serverName: NAME,
            serverVerify: { authorities: maker.root.certificate },
          }),
        ] as const,
    );
    scene = await startServices(owner, [
      service('clients', { proxy: plugProxy(), router, encryption: clients }),
      service('servers', { proxy: httpProxy(), router, encryption: servers }),
    ]);
  });

  /** The one record that comes of something. */
  async function onlyRecordOf(work: () => Promise<unknown>): Promise<DecisionRecord> {
    const count = scene.log.records.length;
    const record = await recordOf(scene, work);
    assert.equal(scene.log.records.length, count + 1);
    return record;
  }

  function openssl(...options: readonly string[]): Promise<unknown> {
    const to = ['-connect', `127.0.0.1:${scene.ports['clients'] ?? 0}`, '-servername', NAME];
    return run(owner, ['openssl', 's_client', ...to, ...options]);
  }

  it('says that the client does not trust us', async () => {
    const strict = ['-CAfile', maker.stranger.certificate, '-verify_return_error'];
    for (const version of ['-tls1_2', '-tls1_3']) {
      const record = await onlyRecordOf(() => openssl(version, ...strict));
      assert.deepEqual(
        [record.verdict, record.reason, record.message],
        [
          'denied-by-connection-fail',
          'tls.client-alert',
          'The client refuses the handshake: unknown ca',
        ],
      );
      assert.deepEqual([record.clientTls, record.server], [null, null]);
    }
  });

  it('says that there is no cipher, no group or no version in common with the client', async () => {
    for (const [reason, message, options] of [
      [
        'no-shared-cipher',
        /with the client: no shared cipher/,
        ['-tls1_2', '-cipher', 'AES128-SHA'],
      ],
      ['no-shared-cipher', /with the client: no /, ['-tls1_3', '-groups', 'P-384']],
      [
        'version-refused',
        /with the client: unsupported protocol/,
        ['-tls1_1', '-cipher', 'ALL:@SECLEVEL=0'],
      ],
    ] as const) {
      const record = await onlyRecordOf(() => openssl(...options));
      assert.equal(record.reason, `tls.${reason}`);
      assert.match(record.message, message);
    }
  });

  it('says which alert the server has sent', async () => {
    const send = `GET / HTTP/1.1\r\nHost: ${NAME}\r\nConnection: close\r\n\r\n`;
    const port = scene.ports['servers'] ?? 0;
    const seen: unknown[] = [];
    for (const [number] of ALERTS) {
      nextAlert = Buffer.from([21, 3, 3, 0, 2, FATAL, number]);
      const record = await onlyRecordOf(async () => {
        const { received } = await talk({ port, send });
        assert.match(received.toString(), /^HTTP\/1\.1 502 [^]*tls\.server-alert/);
      });
      seen.push([number, record.reason, record.message]);
    }
    const expected = ALERTS.map(([number, name]) => [
      ...[number, 'tls.server-alert', `The server refuses the handshake: ${name}`],
    ]);
    assert.deepEqual(seen, expected);
    nextAlert = Buffer.from([21, 3, 3, 0, 2, FATAL, 70]);
    const { reason, message } = await onlyRecordOf(() => talk({ port, send }));
    assert.equal(reason, 'tls.version-refused');
    assert.match(message, /with the server: .*alert protocol version/);
  });
});
