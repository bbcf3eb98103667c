import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { needs } from '../../test/support/needs.ts';
import { readAtOnce } from '../../test/support/read-at-once.ts';
import { suiteOwner } from '../../test/support/system-process.ts';
import { until } from '../../test/support/system-wait.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { TestAuthority } from '../../test/support/test-authority.ts';
import { SocketAddress } from '../address/socket-address.ts';
import { makeAuthority } from '../keybridge/authority.ts';
import { dynamicCertificate } from '../policy/certificate-source.ts';
import type { DynamicCertificate } from '../policy/certificate-source.ts';
import { takeLiveInputs } from '../proxy/live-input.ts';
import type { LiveInput } from '../proxy/live-input.ts';
import type { ShownCertificate } from '../session/tls-layer.ts';
import { KeptCertificates } from './kept-certificates.ts';

const FILES = { certificate: 'ca.pem', privateKey: 'ca.key' };
const address = SocketAddress.parse('192.0.2.1:443');
const DAY_MS = 86_400_000;

interface Wish {
  readonly hasUntrusted?: boolean;
  readonly cacheDirectory?: string;
}

describe('KeptCertificates', needs('openssl'), () => {
  const owner = suiteOwner();
  let servers: TestAuthority;
  let now = Date.now();
  let problems: string[] = [];

  before(() => {
    servers = TestAuthority.make(owner);
  });

  function read(input: LiveInput | undefined, text: string): void {
    assert.ok(input?.kind === 'live-file');
    assert.deepEqual(readAtOnce(input, text), []);
  }

  function made({ hasUntrusted = true, cacheDirectory }: Wish = {}): {
    readonly source: DynamicCertificate;
    readonly inputs: readonly LiveInput[];
    readonly kept: KeptCertificates;
  } {
    takeLiveInputs();
    now = Date.now();
    problems = [];
    const source = dynamicCertificate({
      authority: FILES,
      ...(hasUntrusted && { untrustedAuthority: FILES }),
      ...(cacheDirectory !== undefined && { cacheDirectory }),
    });
    const inputs = takeLiveInputs();
    for (const [index, name] of ['trusted', ...(hasUntrusted ? ['untrusted'] : [])].entries()) {
      const authority = makeAuthority({ name, now });
      read(inputs[index * 2], authority.certificate);
      read(inputs[index * 2 + 1], authority.privateKey);
    }
    return { source, inputs, kept: keeper() };
  }

  function keeper(): KeptCertificates {
    const told = (message: string): void => void problems.push(message);
    return new KeptCertificates({ now: () => now }, { filesKept: told, notStored: told });
  }

  function original(name = 'www.example'): Buffer {
    return new X509Certificate(readFileSync(servers.issue(name).certificate)).raw;
  }

  function certificateOf(shown: ShownCertificate | undefined): X509Certificate {
    assert.ok(shown !== undefined);
    return new X509Certificate(shown.text().certificate);
  }

  it('signs by the authority that fits, and keeps what it has made', () => {
    const { source, kept } = made();
    const encoded = original();
    const first = kept.carryOver(source, { encoded, isTrusted: true });
    assert.equal(certificateOf(first).issuer, 'CN=trusted');
    assert.equal(kept.carryOver(source, { encoded: Buffer.from(encoded), isTrusted: true }), first);
    const other = kept.carryOver(source, { encoded, isTrusted: false });
    assert.equal(certificateOf(other).issuer, 'CN=untrusted');
    assert.equal(certificateOf(other).subjectAltName, 'DNS:www.example');
    assert.notEqual(kept.carryOver(source, { encoded: original(), isTrusted: true }), first);
    const third = kept.carryOver(source, { encoded: original('n.example'), isTrusted: true });
    assert.equal(third?.text().privateKey, first?.text().privateKey);
    now += DAY_MS + 1;
    assert.notEqual(kept.carryOver(source, { encoded, isTrusted: true }), first);
  });

  it('makes certificates for names and addresses, by the authority for bad servers only', () => {
    const { source, kept } = made();
    const named = certificateOf(kept.forServer(source, { name: 'www.example', address }));
    assert.deepEqual([named.issuer, named.subjectAltName], ['CN=untrusted', 'DNS:www.example']);
    const nameless = certificateOf(kept.forServer(source, { name: undefined, address }));
    assert.equal(nameless.subjectAltName, 'IP Address:192.0.2.1');
  });

  it('makes none for bad servers where there is no authority for them', () => {
    const { source, kept } = made({ hasUntrusted: false });
    assert.equal(kept.carryOver(source, { encoded: original(), isTrusted: false }), undefined);
    assert.equal(kept.forServer(source, { name: 'www.example', address }), undefined);
  });

  it('says why nothing can be made', () => {
    const { source, kept } = made();
    const encoded = Buffer.from('nothing');
    assert.throws(() => kept.carryOver(source, { encoded, isTrusted: true }), /cut off|should be/);
    now += 3651 * DAY_MS;
    assert.throws(
      () => kept.carryOver(source, { encoded: original(), isTrusted: true }),
      /has expired/,
    );
  });

  it('goes on with the old authority until both files of the new one are there', () => {
    const { source, inputs, kept } = made();
    const encoded = original();
    const show = (): string =>
      certificateOf(kept.carryOver(source, { encoded, isTrusted: true })).issuer;
    assert.equal(show(), 'CN=trusted');
    const next = makeAuthority({ name: 'next', now });
    read(inputs[0], next.certificate);
    assert.equal(show(), 'CN=trusted');
    assert.equal(show(), 'CN=trusted');
    assert.equal(problems.length, 1);
    read(inputs[1], next.privateKey);
    assert.equal(show(), 'CN=next');
    now += 3651 * DAY_MS;
    assert.throws(show, /has expired/);
  });

  it('forgets what was used longest ago', () => {
    const { source, kept } = made();
    const first = kept.forServer(source, { name: 'first.example', address });
    for (let count = 0; count < 999; count++)
      kept.forServer(source, { name: `n${count}.example`, address });
    assert.equal(kept.forServer(source, { name: 'first.example', address }), first);
    kept.forServer(source, { name: 'one-more.example', address });
    assert.equal(kept.forServer(source, { name: 'first.example', address }), first);
    for (let count = 0; count < 1000; count++)
      kept.forServer(source, { name: `m${count}.example`, address });
    assert.notEqual(kept.forServer(source, { name: 'first.example', address }), first);
  });

  it('forgets what it has made, and makes another for whoever asks still', () => {
    const { source, kept } = made();
    const encoded = original();
    const first = kept.carryOver(source, { encoded, isTrusted: true });
    kept.forget();
    const second = kept.carryOver(source, { encoded, isTrusted: true });
    assert.notEqual(second, first);
    assert.equal(certificateOf(second).issuer, 'CN=trusted');
    assert.equal(kept.carryOver(source, { encoded, isTrusted: true }), second);
  });

  it('shows the same after a start where the source has a folder, and to clients of other processes', async (t) => {
    const cacheDirectory = temporaryFolder(t, 'kept');
    const { source, kept } = made({ cacheDirectory });
    const encoded = original();
    const first = kept.carryOver(source, { encoded, isTrusted: true });
    kept.carryOver(source, { encoded, isTrusted: false });
    kept.forServer(source, { name: 'www.example', address });
    const stored = (): readonly string[] =>
      readdirSync(cacheDirectory).filter((name) => name.endsWith('.pem'));
    await until('both are stored', () => stored().length === 2 || undefined);
    const again = keeper().carryOver(source, { encoded, isTrusted: true });
    assert.deepEqual(again?.text(), first?.text());
    const key = createPrivateKey(first?.text().privateKey ?? '');
    assert.ok(certificateOf(first).checkPrivateKey(key));
    for (const name of readdirSync(cacheDirectory)) {
      assert.match(name, /^[0-9a-f]{64}\.pem$/);
      assert.doesNotMatch(readFileSync(join(cacheDirectory, name), 'utf8'), /KEY/);
    }
    rmSync(cacheDirectory, { recursive: true });
    const other = keeper();
    assert.ok(other.carryOver(source, { encoded, isTrusted: true }));
    await until('it is told', () => problems.length > 0 || undefined);
    assert.deepEqual(problems, [`${cacheDirectory}: ENOENT`]);
    mkdirSync(cacheDirectory);
  });
});
