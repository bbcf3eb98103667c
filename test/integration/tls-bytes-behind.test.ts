// A server of TLS that sends bytes behind its response, in a record of their own: no further request goes to it.
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { createServer } from 'node:tls';
import { serverOnlyEncryption } from '../../src/policy/encryption.ts';
import { httpProxy } from '../../src/protocols/http/index.ts';
import { assertAnswers, sayMore } from '../support/bytes-behind.ts';
import { listenOnFreePort } from '../support/free-port.ts';
import { needs } from '../support/needs.ts';
import { readLive } from '../support/read-live.ts';
import { startInstance } from '../support/system-instance.ts';
import { TestAuthority } from '../support/test-authority.ts';

/** What a record holds (RFC 8446, 5.1). */
const RECORD_BYTES = 16_384;

describe('bytes behind a response within TLS', needs('openssl'), () => {
  it('are never taken for the answer to the next request', async (t) => {
    const authority = TestAuthority.make(t);
    const { certificate, privateKey } = authority.issue('web.example');
    const shown = { cert: readFileSync(certificate), key: readFileSync(privateKey) };
    const server = createServer(shown, sayMore);
    const port = await listenOnFreePort(server);
    t.after(() => server.close());
    const serverVerify = { authorities: authority.certificate };
    const encryption = readLive(() => serverOnlyEncryption({ serverVerify }));
    const proxies = { shared: httpProxy({ shareServerConnections: true }), own: httpProxy() };
    const { ports } = await startInstance(t, port, proxies, { encryption });
    for (const port of Object.values(ports))
      for (const records of [0.1, 1, 2, 4, 10])
        await assertAnswers(port, Math.floor(records * RECORD_BYTES));
  });
});
