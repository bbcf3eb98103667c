import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterEach, before, describe, it } from 'node:test';
import { CallCounter } from '../../test/support/call-counter.ts';
import { needs } from '../../test/support/needs.ts';
import { LabAuthority } from '../../test/support/openssl-lab.ts';
import { suiteOwner } from '../../test/support/system-process.ts';
import { TestAuthority } from '../../test/support/test-authority.ts';
import { needsOpenSsl } from '../../test/support/tls-layers.ts';
import { allocateGuarded } from './guarded-memory.ts';
import { OpenSslError } from './openssl-error.ts';
import { loadOpenSsl } from './openssl.ts';
import { PemObjects } from './pem-objects.ts';

/** What OpenSSL once wrote before a text that it had encrypted (RFC 1421, 4.6). */
const ENCRYPTED =
  'Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n';
const BEGIN = '-----BEGIN CERTIFICATE-----\n';

describe('objects of OpenSSL in PEM', needsOpenSsl(), () => {
  const owner = suiteOwner();
  const counter = new CallCounter(loadOpenSsl().openSsl ?? assert.fail());
  const { openSsl } = counter;
  const pem = new PemObjects(openSsl);
  const memory = allocateGuarded(openSsl.libc, 65_536);
  const authority = new LabAuthority();
  const [one, two] = [authority.issue('one.example'), authority.issue('two.example')];

  afterEach(() => {
    assert.deepEqual(counter.alive, { bios: 1 }, 'all that was given out is freed');
    assert.equal(openSsl.ERR_peek_error(), 0, 'no error is left');
  });

  /** The names of the certificates in a text. */
  function names(text: string): string[] {
    const found: string[] = [];
    pem.certificates(text, (certificate) => {
      const length = openSsl.i2d_X509(certificate, 0);
      memory.view.setBigUint64(0, BigInt(memory.address + 8), true);
      openSsl.i2d_X509(certificate, memory.address);
      const { subjectAltName, subject } = new X509Certificate(memory.bytes.slice(8, 8 + length));
      found.push(subjectAltName ?? subject);
    });
    return found;
  }

  it('are certificates, one after the other, whatever stands between them', () => {
    assert.deepEqual(names(one.certificate), ['DNS:one.example']);
    assert.deepEqual(
      names(`A chain:\n${one.certificate}\n# then\n${one.privateKey}${two.certificate}the end`),
      ['DNS:one.example', 'DNS:two.example'],
    );
    assert.deepEqual(names(one.certificate.replaceAll('\n', '\r\n')), ['DNS:one.example']);
  });

  it('are as many as a long text has', () => {
    const text = `${'-'.repeat(100_000)}\n${one.certificate}${`${two.certificate}\n`.repeat(300)}`;
    assert.equal(names(text).length, 301);
  });

  it('are none in a text without one, or with one that is broken', () => {
    const broken = one.certificate.replace(/\n.{8}/, '\nAAAAAAAA');
    for (const text of ['', 'no certificate', one.privateKey, BEGIN, broken])
      assert.throws(() => names(text), OpenSslError, text);
    assert.throws(() => names(''), { reason: 'no start line' });
  });

  it('are read whole or not at all: of a chain with a broken part nothing is taken for the end', () => {
    const broken = two.certificate.replace(/\n.{8}/, '\nAAAAAAAA');
    assert.throws(() => names(one.certificate + broken), OpenSslError);
    assert.throws(() => names(`${one.certificate}${BEGIN}not base64`), OpenSslError);
  });

  it('never have OpenSSL ask for a passphrase at the terminal', () => {
    const asking = one.certificate.replace(BEGIN, `${BEGIN}${ENCRYPTED}`);
    assert.throws(() => names(asking), OpenSslError);
    const list = asking.replaceAll('CERTIFICATE', 'X509 CRL');
    assert.throws(() => pem.revocationLists(list, () => assert.fail()), OpenSslError);
  });

  it('are freed where they are not taken', () => {
    const failing = (): never => {
      throw new RangeError('no room');
    };
    assert.throws(() => pem.certificates(one.certificate + two.certificate, failing), RangeError);
    assert.throws(() => pem.privateKey(one.privateKey, undefined, failing), RangeError);
    openSsl.ERR_clear_error();
    assert.deepEqual(names(two.certificate), ['DNS:two.example'], 'nothing of it is left');
  });

  describe('that are keys', () => {
    const { privateKey } = one;
    const traditional = { type: 'sec1', format: 'pem', cipher: 'aes-128-cbc' } as const;
    const modern = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc' } as const;

    function isRead(text: string, passphrase?: string): boolean {
      let key = 0;
      pem.privateKey(text, passphrase, (made) => (key = made));
      return key > 0;
    }

    it('are read with and without a passphrase', () => {
      assert.ok(isRead(privateKey));
      assert.ok(isRead(privateKey, 'for nothing'));
      for (const form of [traditional, modern]) {
        const passphrase = 'Wörter 123';
        const locked = createPrivateKey(privateKey)
          .export({ ...form, passphrase })
          .toString();
        assert.ok(isRead(locked, passphrase));
        for (const wrong of ['wrong', '', undefined])
          assert.throws(() => isRead(locked, wrong), OpenSslError, String(wrong));
      }
    });

    it('are none in a text without one', () => {
      for (const text of ['', 'none', one.certificate, privateKey.slice(0, 100)])
        assert.throws(() => isRead(text), OpenSslError);
    });

    it('are nowhere in memory afterwards', () => {
      isRead(privateKey);
      const [, line = ''] = privateKey.split('\n');
      assert.ok(line.length > 40);
      assert.equal(Buffer.from(openSsl.parameters.bytes).indexOf(line), -1);
    });
  });

  describe('that are lists of what is revoked', needs('openssl'), () => {
    let text: string;

    before(() => {
      text = readFileSync(TestAuthority.make(owner).revoke(), 'utf8');
    });

    it('are read one after the other, and are no certificates', () => {
      let count = 0;
      pem.revocationLists(`${text}\n${text}`, (list) => (count += Number(list > 0)));
      assert.equal(count, 2);
      assert.throws(() => names(text), OpenSslError);
      assert.throws(() => pem.revocationLists(one.certificate, () => assert.fail()), OpenSslError);
    });
  });
});
