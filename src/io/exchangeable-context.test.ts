import assert from 'node:assert/strict';
import { once } from 'node:events';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { connect, createSecureContext, TLSSocket } from 'node:tls';
import { makeAuthority, readAuthority } from '../keybridge/authority.ts';
import { certificateForName } from '../keybridge/server-certificate.ts';
import { pemOf } from '../keybridge/sign-certificate.ts';
import type { SecureContext } from 'node:tls';
import { ExchangeableContext } from './exchangeable-context.ts';
import { nodeContexts } from './node-contexts.ts';
import { linkPair } from './link-stream.ts';
import { StreamDuplex } from './stream-duplex.ts';

describe('a context whose certificate is exchanged', () => {
  const now = Date.now();
  const files = makeAuthority({ name: 'authority', now });
  const ca = files.certificate;
  const authority = readAuthority({ ...files, passphrase: undefined }, now);
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicKey = pair.publicKey.export({ type: 'spki', format: 'der' });
  const key = pair.privateKey.export({ type: 'pkcs8', format: 'pem' });
  const [one, two] = ['one.example', 'two.example'].map((name) =>
    pemOf(certificateForName({ name }, { authority, publicKey, now }).encoded),
  );
  assert.ok(one !== undefined && two !== undefined);

  function exchangeable(context: SecureContext): ExchangeableContext<SecureContext> {
    const exchange = nodeContexts.exchangeOf(context);
    assert.ok(exchange !== undefined);
    const made = new ExchangeableContext(context, exchange);
    made.show(one ?? '');
    return made;
  }

  it('shows each connection what was shown when its socket was made', async () => {
    const made = exchangeable(createSecureContext({ cert: one, key }));
    const { context } = made;
    const name = async (servername: string): Promise<string> => {
      const [near, far] = linkPair(65_536).map((stream) => new StreamDuplex(stream));
      assert.ok(near !== undefined && far !== undefined);
      const server = new TLSSocket(near, { isServer: true, secureContext: context });
      made.show(one); // too late for this one
      const client = connect({ socket: far, ca, servername });
      await once(client, 'secureConnect');
      const { subjectaltname } = client.getPeerCertificate();
      server.destroy();
      client.destroy();
      return subjectaltname ?? 'none';
    };
    assert.equal(await name('one.example'), 'DNS:one.example');
    made.show(two);
    assert.equal(await name('two.example'), 'DNS:two.example');
    assert.equal(await name('one.example'), 'DNS:one.example');
  });

  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const)
    it(`resumes sessions of ${maxVersion} of the certificate that is shown, and of no other`, async () => {
      const made = exchangeable(createSecureContext({ cert: one, key, maxVersion }));
      const visit = async (session?: Buffer): Promise<readonly [boolean, Buffer | undefined]> => {
        const [near, far] = linkPair(65_536).map((stream) => new StreamDuplex(stream));
        assert.ok(near !== undefined && far !== undefined);
        const server = new TLSSocket(near, { isServer: true, secureContext: made.context });
        const name = { servername: 'one.example', rejectUnauthorized: false };
        const client = connect({ socket: far, ...name, ...(session && { session }) });
        let given: Buffer | undefined;
        client.on('session', (next: Buffer) => (given = next)).resume();
        await once(client, 'secureConnect');
        const isResumed = client.isSessionReused();
        // Tickets of TLS 1.3 come behind the handshake, and before what is said then.
        server.write('over');
        await once(client, 'data');
        server.destroy();
        client.destroy();
        return [isResumed, given];
      };
      const [, session] = await visit();
      made.show(two);
      assert.equal((await visit(session))[0], false, 'it is shown another one');
      made.show(one);
      assert.equal((await visit(session))[0], true);
    });

  it('keeps its certificate where another one cannot be read', () => {
    const made = exchangeable(createSecureContext({ cert: one, key }));
    assert.throws(() => made.show('no certificate'));
    assert.doesNotThrow(() => made.show(one));
  });
});
