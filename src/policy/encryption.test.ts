import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultsOf } from '../proxy/policy-fault.ts';
import { dynamicCertificate, sniCertificates, staticCertificate } from './certificate-source.ts';
import type {
  ClientEncryptionOptions,
  ServerEncryptionOptions,
  TwoSidedEncryptionOptions,
} from './encryption.ts';
import {
  beginsWithTls,
  clientOnlyEncryption,
  clientOnlyStartTlsEncryption,
  dynamicSource,
  explainEncryption,
  fakeStartTlsEncryption,
  forwardStartTlsEncryption,
  ownCertificates,
  serverOnlyEncryption,
  startsTls,
  twoSidedEncryption,
} from './encryption.ts';

const www = staticCertificate({ certificate: 'www.pem', privateKey: 'www.key' });
const own = staticCertificate({ certificate: 'own.pem', privateKey: 'own.key' });
const made = dynamicCertificate({ authority: { certificate: 'ca.pem', privateKey: 'ca.key' } });
const byName = sniCertificates({ certificates: [{ serverName: () => true, certificate: www }] });

describe('encryption policies', () => {
  it('say on which sides TLS is spoken', () => {
    const client = clientOnlyEncryption({ clientCertificate: www });
    assert.deepEqual(
      [client.client?.certificate, client.client?.verifier, client.server],
      [www, undefined, undefined],
    );
    const server = serverOnlyEncryption();
    assert.deepEqual(
      [server.client, server.server?.certificate, server.server?.verifier.trusted],
      [undefined, undefined, true],
    );
    const both = twoSidedEncryption({
      clientCertificate: byName,
      clientVerify: { authorities: 'ca.pem', required: false },
      clientTls: { minVersion: 'TLSv1.3' },
      serverCertificate: own,
      serverName: 'www.example',
      serverVerify: { checkName: false },
      serverTls: { minVersion: 'TLSv1' },
    });
    assert.deepEqual(
      [both.client?.tls.minVersion, both.server?.tls.minVersion],
      ['TLSv1.3', 'TLSv1'],
    );
    assert.equal(both.server?.serverName, 'www.example');
    assert.deepEqual(ownCertificates(both), [www, own]);
    for (const one of [client, server, both]) assert.deepEqual(faultsOf(one), []);
  });

  it('say on which sides it begins in the middle of the conversation', () => {
    const options = { clientCertificate: www };
    const [own, fake, forward] = [
      clientOnlyStartTlsEncryption(options),
      fakeStartTlsEncryption(options),
      forwardStartTlsEncryption({ clientCertificate: made }),
    ];
    for (const one of [own, fake, forward]) {
      assert.deepEqual(faultsOf(one), []);
      assert.equal(beginsWithTls(one, 'client'), undefined);
      assert.equal(startsTls(one, 'client'), one.client);
    }
    assert.deepEqual(
      [beginsWithTls(own, 'server'), startsTls(own, 'server')],
      [undefined, undefined],
    );
    assert.equal(beginsWithTls(fake, 'server'), fake.server);
    assert.equal(startsTls(forward, 'server'), forward.server);
    assert.equal(startsTls(twoSidedEncryption(options), 'client'), undefined);
    assert.equal(startsTls(undefined, 'client'), undefined);
    assert.equal(
      explainEncryption(forward),
      'TLS with clients by STARTTLS, with certificates made on the fly, TLS with servers by STARTTLS',
    );
    const [fault] = faultsOf(clientOnlyStartTlsEncryption({ clientCertificate: made }));
    assert.match(fault?.cure ?? '', /^without TLS to the server there is no certificate/);
  });

  it('make certificates only where both sides have TLS', () => {
    const both = twoSidedEncryption({ clientCertificate: made });
    assert.deepEqual(faultsOf(both), []);
    assert.equal(dynamicSource(both), made);
    assert.equal(dynamicSource(twoSidedEncryption({ clientCertificate: www })), undefined);
    assert.deepEqual(ownCertificates(both), []);
    const [fault] = faultsOf(clientOnlyEncryption({ clientCertificate: made }));
    assert.match(fault?.cure ?? '', /use twoSidedEncryption/);
    const given = { serverCertificate: made } as unknown as ServerEncryptionOptions;
    assert.equal(faultsOf(serverOnlyEncryption(given))[0]?.path, 'serverCertificate');
  });

  it('explain themselves', () => {
    const texts = [
      clientOnlyEncryption({ clientCertificate: www }),
      serverOnlyEncryption({ serverVerify: { trusted: false } }),
      twoSidedEncryption({
        clientCertificate: www,
        clientVerify: { authorities: 'ca.pem' },
        serverVerify: { checkName: false },
        serverTls: { minVersion: 'TLSv1.1' },
      }),
      clientOnlyEncryption({
        clientCertificate: www,
        clientVerify: { trusted: false, required: false },
      }),
      twoSidedEncryption({ clientCertificate: made }),
    ].map(explainEncryption);
    assert.deepEqual(texts, [
      'TLS with clients',
      'TLS with servers, whoever they are',
      'TLS with clients, who must show a certificate, TLS with servers, whatever their name, old versions too',
      'TLS with clients, who may show a certificate',
      'TLS with clients, with certificates made on the fly, TLS with servers',
    ]);
  });

  it('say what is wrong with their options', () => {
    const faults = [
      clientOnlyEncryption({} as ClientEncryptionOptions),
      clientOnlyEncryption({ clientCertificate: www, clientVerify: {} }),
      serverOnlyEncryption({ serverCertificate: byName } as unknown as ServerEncryptionOptions),
      serverOnlyEncryption({ serverName: '192.0.2.1' }),
      twoSidedEncryption({ clientCertificate: www, serverTls: { ciphers: ' ' } }),
      twoSidedEncryption({ clientCertificate: www, certificate: own } as TwoSidedEncryptionOptions),
    ].map((made) => faultsOf(made)[0]?.path);
    assert.deepEqual(faults, [
      'clientCertificate',
      'clientVerify.authorities',
      'serverCertificate',
      'serverName',
      'serverTls.ciphers',
      'certificate',
    ]);
  });
});
