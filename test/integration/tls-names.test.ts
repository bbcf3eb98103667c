// What a client of TLS says that it asks for, against one who says it in more than one way: by `zorp run` and node:tls.
import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import type { SecureVersion } from 'node:tls';
import { connect } from 'node:tls';
import type { DecisionRecord } from '../../src/log/decision-record.ts';
import { needs } from '../support/needs.ts';
import { policyPath } from '../support/system-policy.ts';
import { suiteOwner } from '../support/system-process.ts';
import { serve } from '../support/system-tcp.ts';
import { RunningZorp } from '../support/system-zorp.ts';
import { TestAuthority } from '../support/test-authority.ts';

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok';

/** What a client asks for, by TLS and inside. */
interface Asked {
  readonly version: SecureVersion;
  readonly name: string;
  readonly host: string;
  readonly session?: Buffer | undefined;
}

interface Got {
  /** The first line of the answer; empty without TLS. */
  readonly answer: string;
  readonly isResumed: boolean;
  readonly session: Buffer | undefined;
  readonly record: DecisionRecord;
}

describe('the name that a client asks for by TLS', needs('openssl'), () => {
  const owner = suiteOwner();
  let zorp: RunningZorp;

  before(async () => {
    const { port } = await serve(owner, (socket) => {
      socket.on('data', () => socket.end(ANSWER));
    });
    const policyFile = policyPath(owner);
    TestAuthority.in(join(dirname(policyFile), 'shown')).issue('www.example');
    writeFileSync(
      policyFile,
      `import { clientOnlyEncryption, definePolicy, directedRouter, domainMatcher, httpProxy, listener, service, sniCertificates, staticCertificate, zone } from 'zorp';
const certificate = staticCertificate({ certificate: 'shown/www.example.pem', privateKey: 'shown/www.example.key' });
const web = service('web', {
  proxy: httpProxy({ defaultPort: 443 }),
  router: directedRouter({ destination: '127.0.0.1:${port}' }),
  encryption: clientOnlyEncryption({
    clientCertificate: sniCertificates({ certificates: [{ serverName: domainMatcher({ domains: ['www.example'] }), certificate }] }),
  }),
});
const machine = zone('machine', { subnets: ['127.0.0.1'], outboundServices: [web], inboundServices: [web] });
export default definePolicy({ zones: [machine], listeners: [listener('127.0.0.1:0', web)] });
`,
    );
    zorp = await RunningZorp.start(owner, policyFile);
  });

  async function ask({ version, name, host, session }: Asked): Promise<Got> {
    const versions = { minVersion: version, maxVersion: version };
    const socket = connect({
      ...{ port: zorp.port, host: '127.0.0.1', servername: name, rejectUnauthorized: false },
      ...versions,
      ...(session === undefined ? {} : { session }),
    });
    let given: Buffer | undefined;
    let answer = '';
    let isResumed = false;
    socket
      .on('error', () => undefined)
      .on('session', (one: Buffer) => (given = one))
      .on('data', (bytes: Buffer) => (answer += bytes.toString()))
      .on('secureConnect', () => {
        isResumed = socket.isSessionReused();
        socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      });
    await new Promise((done) => socket.on('close', done));
    const record = await zorp.record();
    return { answer: answer.split('\r\n')[0] ?? '', isResumed, session: given, record };
  }

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`is known where a session of ${version} is resumed`, async () => {
      const www = { version, name: 'www.example', host: 'www.example' };
      const { session } = await ask(www);
      const fronting = await ask({ ...www, host: 'other.example', session });
      assert.equal(fronting.isResumed, true);
      assert.match(fronting.answer, /^HTTP\/1\.1 421 /);
      assert.equal(fronting.record.reason, 'http.server-name-mismatch');
      assert.equal(fronting.record.clientTls?.serverName, 'www.example');
    });

    it(`is refused where nobody has it, also where a session of ${version} could be resumed`, async () => {
      const { session } = await ask({ version, name: 'www.example', host: 'www.example' });
      // Clients of OpenSSL resume sessions of the same name only: an attacker writes another one into it.
      const forged = Buffer.from(
        session?.toString('latin1').replaceAll('www.example', 'bad.example') ?? '',
        'latin1',
      );
      const bad = { version, name: 'bad.example', host: 'bad.example' };
      for (const one of [undefined, forged]) {
        const { answer, record } = await ask({ ...bad, session: one });
        assert.deepEqual([answer, record.reason], ['', 'tls.client-handshake']);
      }
    });
  }
});
