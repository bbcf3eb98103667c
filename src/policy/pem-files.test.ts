import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readAtOnce } from '../../test/support/read-at-once.ts';
import { CertificateFiles, PemFile } from './pem-files.ts';

const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const KEY = '-----BEGIN EC PRIVATE KEY-----\nMIIB\n-----END EC PRIVATE KEY-----\n';

describe('PemFile', () => {
  it('gives what was read last, and says when it was read again', () => {
    const file = new PemFile('a.pem', 'certificate');
    assert.throws(() => file.text(), { message: 'the file a.pem was not read' });
    assert.deepEqual([file.version, file.input.path], [0, 'a.pem']);
    assert.equal(file.input.noun, 'certificate file');
    assert.deepEqual(readAtOnce(file.input, CERTIFICATE), []);
    assert.deepEqual([file.text(), file.version], [CERTIFICATE, 1]);
  });

  it('refuses what is something else, and keeps what was good', () => {
    const file = new PemFile('a.pem', 'certificate');
    readAtOnce(file.input, CERTIFICATE);
    const [fault] = readAtOnce(file.input, KEY);
    assert.deepEqual(fault, {
      line: undefined,
      value: 'a.pem has no certificate',
      cure: 'give a PEM file with -----BEGIN CERTIFICATE-----',
    });
    assert.deepEqual([file.text(), file.version], [CERTIFICATE, 1]);
    for (const kind of ['PRIVATE KEY', 'RSA PRIVATE KEY', 'ENCRYPTED PRIVATE KEY'])
      assert.deepEqual(
        readAtOnce(new PemFile('k', 'private-key').input, `-----BEGIN ${kind}-----\r\n`),
        [],
      );
    assert.equal(readAtOnce(new PemFile('k', 'private-key').input, CERTIFICATE).length, 1);
    assert.equal(readAtOnce(new PemFile('k', 'revocation-list').input, CERTIFICATE).length, 1);
    assert.equal(readAtOnce(new PemFile('k', 'text').input, '').length, 1);
  });
});

describe('CertificateFiles', () => {
  it('gives certificate, key and the first line of the passphrase', () => {
    const paths = { certificate: 'c', privateKey: 'k', passphraseFile: 'p' };
    const made = new CertificateFiles(paths);
    assert.throws(() => made.text(), /the file c was not read/);
    for (const [index, text] of [CERTIFICATE, KEY, 'secret\nmore'].entries()) {
      const file = made.files[index];
      assert.ok(file !== undefined);
      readAtOnce(file.input, text);
    }
    assert.deepEqual(made.text(), {
      certificate: CERTIFICATE,
      privateKey: KEY,
      passphrase: 'secret',
    });
    assert.equal(made.version, 3);
    assert.equal(new CertificateFiles({ certificate: 'c', privateKey: 'k' }).files.length, 2);
  });
});
