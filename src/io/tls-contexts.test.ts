import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import type { SecureContext } from 'node:tls';
import { needs } from '../../test/support/needs.ts';
import { readAtOnce } from '../../test/support/read-at-once.ts';
import { readLive } from '../../test/support/read-live.ts';
import { suiteOwner } from '../../test/support/system-process.ts';
import type { MadeCertificate } from '../../test/support/test-authority.ts';
import { TestAuthority } from '../../test/support/test-authority.ts';
import type { LiveInput } from '../proxy/live-input.ts';
import { takeLiveInputs } from '../proxy/live-input.ts';
import { dynamicCertificate, staticCertificate } from '../policy/certificate-source.ts';
import type { ClientEncryption } from '../policy/encryption.ts';
import {
  clientOnlyEncryption,
  serverOnlyEncryption,
  twoSidedEncryption,
} from '../policy/encryption.ts';
import { nodeContexts } from './node-contexts.ts';
import { TlsContexts } from './tls-contexts.ts';

describe('TlsContexts', needs('openssl'), () => {
  const owner = suiteOwner();
  let one: MadeCertificate;
  let two: MadeCertificate;

  before(() => {
    const authority = TestAuthority.make(owner);
    [one, two] = [authority.issue('one.example'), authority.issue('two.example')];
  });

  /** A side of clients, and what reads its files: first the certificate, then the key. */
  function made(): { readonly side: ClientEncryption; readonly inputs: readonly LiveInput[] } {
    takeLiveInputs();
    const clientCertificate = staticCertificate(one);
    const inputs = takeLiveInputs();
    const side = readLive(() => clientOnlyEncryption({ clientCertificate }).client);
    assert.ok(side !== undefined);
    return { side, inputs };
  }

  function read(input: LiveInput | undefined, file: string): void {
    assert.ok(input?.kind === 'live-file');
    assert.deepEqual(readAtOnce(input, readFileSync(file, 'utf8')), []);
  }

  it('makes a context once, and anew when both files have changed', () => {
    const problems: string[] = [];
    const contexts = new TlsContexts(nodeContexts, (message) => problems.push(message));
    const { side, inputs } = made();
    const certificate = side.certificate.type === 'static' ? side.certificate : undefined;
    assert.throws(() => contexts.ofClients(side, certificate), /was not read/);
    read(inputs[0], one.certificate);
    read(inputs[1], one.privateKey);
    const first = contexts.ofClients(side, certificate);
    assert.equal(contexts.ofClients(side, certificate), first);
    read(inputs[0], two.certificate);
    assert.equal(contexts.ofClients(side, certificate), first, 'the key is still the old one');
    assert.equal(contexts.ofClients(side, certificate), first);
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', /key values mismatch/);
    read(inputs[1], two.privateKey);
    assert.notEqual(contexts.ofClients(side, certificate), first);
    assert.equal(problems.length, 1);
  });

  it('forgets them, and makes them anew for whoever asks still', () => {
    const contexts = new TlsContexts(nodeContexts, (message) => assert.fail(message));
    const { side, inputs } = made();
    const certificate = side.certificate.type === 'static' ? side.certificate : undefined;
    read(inputs[0], one.certificate);
    read(inputs[1], one.privateKey);
    const first = contexts.ofClients(side, certificate);
    contexts.forget();
    const second = contexts.ofClients(side, certificate);
    assert.notEqual(second, first);
    assert.equal(contexts.ofClients(side, certificate), second);
  });

  it('has one without a certificate, for clients that are shown none', () => {
    const contexts = new TlsContexts(nodeContexts, () => undefined);
    const { side } = made();
    const none = contexts.ofClients(side, undefined);
    assert.equal(contexts.ofClients(side, undefined), none);
  });

  it('has one for all certificates with one key that are made for a side, and another one for another chain', () => {
    const contexts = new TlsContexts(nodeContexts, () => undefined);
    const source = dynamicCertificate({ authority: one });
    const encryption = twoSidedEncryption({ clientCertificate: source });
    const side = encryption.client;
    assert.ok(side !== undefined);
    const [text, other] = [one, two].map((files) => ({
      certificate: readFileSync(files.certificate, 'utf8'),
      privateKey: readFileSync(files.privateKey, 'utf8'),
      passphrase: undefined,
    }));
    assert.ok(text !== undefined && other !== undefined);
    const shown = (of: typeof text): SecureContext =>
      contexts.ofClient(side, { text: () => of, version: () => 0 });
    const first = shown(text);
    assert.equal(shown({ ...text }), first);
    assert.notEqual(shown(other), first);
    const chained = shown({ ...text, certificate: text.certificate + other.certificate });
    assert.notEqual(chained, first);
    assert.equal(shown(text), first);
    for (let count = 0; count < 8; count++)
      shown({ ...text, certificate: text.certificate + '\n'.repeat(count + 1) });
    assert.notEqual(shown(text), first, 'eight others came since');
  });

  it('has one for servers, with the authorities of the system', () => {
    const contexts = new TlsContexts(nodeContexts, () => undefined);
    const side = serverOnlyEncryption().server;
    assert.ok(side !== undefined);
    assert.equal(contexts.ofServers(side), contexts.ofServers(side));
    const bad = serverOnlyEncryption({ serverTls: { ciphers: 'NOTHING' } }).server;
    assert.ok(bad !== undefined);
    assert.throws(() => contexts.ofServers(bad), /cipher/);
  });
});
