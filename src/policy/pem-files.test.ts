import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readAtOnce, readFolderAtOnce } from '../../test/support/read-at-once.ts';
import type { FolderFile } from '../proxy/live-input.ts';
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

  it('gives up what was read when nobody uses its policy any more', () => {
    const file = new PemFile('a.pem', 'certificate');
    readAtOnce(file.input, CERTIFICATE);
    file.input.forget();
    assert.throws(() => file.text(), { message: 'the file a.pem was not read' });
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

describe('a folder in the place of a PemFile', () => {
  const LIST = '-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----\n';
  const OTHER = CERTIFICATE.replace('MIIB', 'MIIC');
  const folder = (content: 'certificate' | 'revocation-list'): PemFile =>
    new PemFile('folder', content, 'file-or-folder');

  it('counts by the names of its files: those that people give, and the hashes of OpenSSL', () => {
    const names = ['a.pem', 'b.crt', 'C.CER', 'd.crl', '0a1b2c3d.0', '0a1b2c3d.r1', '0a1b2c3d.x', '.e.pem', 'f.key', 'README']; // prettier-ignore
    const counted = (content: 'certificate' | 'revocation-list'): string[] =>
      names.filter((name) => folder(content).input.folder?.names.test(name));
    assert.deepEqual(counted('certificate'), ['a.pem', 'b.crt', 'C.CER', '0a1b2c3d.0']);
    assert.deepEqual(counted('revocation-list'), ['a.pem', 'd.crl', '0a1b2c3d.r1']);
    assert.equal(new PemFile('a', 'certificate').input.folder, undefined);
    assert.equal(new PemFile('a', 'private-key', 'file-or-folder').input.folder, undefined);
  });

  it('is all its files of the kind, each once', () => {
    const file = folder('certificate');
    const faults = readFolderAtOnce(file.input, [
      { path: 'folder/0a1b2c3d.0', text: CERTIFICATE },
      { path: 'folder/a.pem', text: CERTIFICATE },
      { path: 'folder/b.pem', text: OTHER },
      { path: 'folder/list.pem', text: LIST },
    ]);
    assert.deepEqual(faults, []);
    assert.deepEqual(
      [file.files().map(({ text }) => text), file.version],
      [[CERTIFICATE, OTHER], 1],
    );
    assert.equal(file.text(), `${CERTIFICATE}\n${OTHER}`);
  });

  it('is refused if there is nothing in it, or a file that is no PEM at all, and what was good stays', () => {
    const file = folder('revocation-list');
    const good = { path: 'folder/a.crl', text: LIST };
    readFolderAtOnce(file.input, [good]);
    const told = (files: readonly FolderFile[]): string[] =>
      readFolderAtOnce(file.input, files).map(({ value, cure }) => `${value}: ${cure}`);
    const lacking = 'has no certificate revocation list';
    const cure = 'put PEM files there that end in .pem or .crl, or name another folder';
    assert.deepEqual(told([]), [`folder ${lacking}: ${cure}`]);
    const other = { path: 'folder/a.pem', text: CERTIFICATE };
    assert.deepEqual(told([other]), [`folder ${lacking}: ${cure}`]);
    assert.deepEqual(told([good, { path: 'folder/b.crl', text: 'x' }]), [
      `folder/b.crl ${lacking}: give a PEM file with -----BEGIN X509 CRL-----`,
    ]);
    assert.deepEqual([file.text(), file.version], [LIST, 1]);
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
