import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { suiteOwner } from '../../test/support/system-process.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { readAuthority } from '../keybridge/authority.ts';
import {
  AuthorityFilesError,
  authorityPaths,
  initAuthorities,
  readAuthorityCertificate,
  showAuthorities,
  writeExport,
} from './authority-files.ts';

describe('the files of authorities', () => {
  const folder = temporaryFolder(suiteOwner(), 'ca');
  const now = Date.now();

  it('are made with the modes that keys need, and are never overwritten', () => {
    const made = join(folder, 'made');
    const facts = initAuthorities({ folder: made, name: 'Office', now });
    assert.deepEqual(
      facts.map(({ kind, subject }) => [kind, subject]),
      [
        ['trusted', 'CN=Office CA'],
        ['untrusted', 'CN=Office CA for UNTRUSTED servers'],
      ],
    );
    assert.equal(statSync(made).mode & 0o777, 0o700);
    assert.equal(statSync(authorityPaths(made, 'trusted').privateKey).mode & 0o777, 0o600);
    assert.deepEqual(showAuthorities(made), facts);
    assert.throws(() => initAuthorities({ folder: made, name: 'Other', now }), /is there already/);
    assert.deepEqual(showAuthorities(made), facts);
    assert.equal(readAuthorityCertificate(made, 'untrusted').ca, true);
  });

  it('leave nothing behind where not all of them can be made', () => {
    const half = join(folder, 'half');
    initAuthorities({ folder: half, name: 'Office', now });
    const { certificate, privateKey } = authorityPaths(half, 'trusted');
    for (const path of [certificate, privateKey]) rmSync(path);
    assert.throws(() => initAuthorities({ folder: half, name: 'Other', now }), AuthorityFilesError);
    assert.deepEqual(readdirSync(half).sort(), ['untrusted.key', 'untrusted.pem']);
  });

  it('have encrypted keys where there is a passphrase', () => {
    const sealed = join(folder, 'sealed');
    const passphraseFile = join(folder, 'passphrase');
    writeFileSync(passphraseFile, 'open it\nnot this\n');
    initAuthorities({ folder: sealed, name: 'Office', passphraseFile, now });
    const paths = authorityPaths(sealed, 'trusted');
    const text = {
      certificate: readFileSync(paths.certificate, 'utf8'),
      privateKey: readFileSync(paths.privateKey, 'utf8'),
    };
    assert.equal(readAuthority({ ...text, passphrase: 'open it' }, now).chain, '');
    assert.throws(() => readAuthority({ ...text, passphrase: undefined }, now), /cannot be read/);
    writeFileSync(passphraseFile, '\n');
    const again = { folder: join(folder, 'empty'), name: 'Office', passphraseFile, now };
    assert.throws(() => initAuthorities(again), /first line of .* is empty/);
  });

  it('are made in folders that are made with them, where there can be any', () => {
    const deep = join(folder, 'some', 'where');
    initAuthorities({ folder: deep, name: 'Office', now });
    for (const made of [deep, join(folder, 'some')])
      assert.equal(statSync(made).mode & 0o777, 0o700);
    const below = join(authorityPaths(deep, 'trusted').certificate, 'below');
    for (const bad of ['/proc/none/ca', below])
      assert.throws(
        () => initAuthorities({ folder: bad, name: 'Office', now }),
        (error) => error instanceof AuthorityFilesError && error.message.includes('Cannot write'),
      );
  });

  it('are never the place that a certificate is written to, nor is any other file that is none', () => {
    const made = join(folder, 'kept');
    initAuthorities({ folder: made, name: 'Office', now });
    const { certificate, privateKey } = authorityPaths(made, 'trusted');
    const both = join(folder, 'both.pem');
    const notes = join(folder, 'notes');
    writeFileSync(both, readFileSync(certificate, 'utf8') + readFileSync(privateKey, 'utf8'));
    writeFileSync(notes, 'notes');
    for (const path of [privateKey, both, notes]) {
      const before = readFileSync(path, 'utf8');
      assert.throws(
        () => writeExport(path, 'new'),
        /is there already, and is no certificate: give/,
      );
      assert.equal(readFileSync(path, 'utf8'), before);
    }
    const out = join(folder, 'out.crt');
    const { raw } = readAuthorityCertificate(made, 'untrusted');
    for (const contents of [raw, readFileSync(certificate), raw]) {
      writeExport(out, contents);
      assert.deepEqual(readFileSync(out), contents);
    }
    writeExport('/dev/null', raw);
  });

  it('are said to be missing', () => {
    assert.throws(
      () => showAuthorities(join(folder, 'none')),
      /Cannot read [^']*no such file or directory; "zorp ca init"/,
    );
    assert.throws(() => writeExport(join(folder, 'none', 'a.pem'), ''), /Cannot write/);
  });
});
