import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { needs } from '../../test/support/needs.ts';
import { suiteOwner } from '../../test/support/system-process.ts';
import { TestAuthority } from '../../test/support/test-authority.ts';
import { findRevocation, readRevocationLists } from './revocation-list.ts';

const DAY_MS = 24 * 3600 * 1000;

describe('revocation lists', needs('openssl'), () => {
  const owner = suiteOwner();
  let root: TestAuthority;
  let middle: TestAuthority;
  let chain: readonly X509Certificate[];

  before(() => {
    root = TestAuthority.make(owner, 'root');
    middle = root.issueAuthority('middle');
    const leaf = middle.issue('leaf').certificate;
    middle.issue('other');
    chain = [leaf, middle.certificate, root.certificate].map(
      (file) => new X509Certificate(readFileSync(file)),
    );
  });

  function find(files: readonly string[], now = Date.now()): string {
    const lists = files.flatMap((file) => readRevocationLists(readFileSync(file, 'utf8')));
    return findRevocation(chain, lists, now);
  }

  it('are clear where each authority has one and none has the certificate', () => {
    assert.equal(find([root.revoke(), middle.revoke('other')]), 'clear');
    assert.equal(find([root.join('both', root.revoke(), middle.revoke())]), 'clear');
  });

  it('are missing where one authority has none', () => {
    assert.equal(find([]), 'missing');
    assert.equal(find([root.revoke()]), 'missing');
    assert.equal(find([middle.revoke('other')]), 'missing');
  });

  it('revoke what stands on any of them, also where another is missing or too old', () => {
    const revoked = middle.revoke('other', 'leaf');
    assert.equal(find([revoked]), 'revoked');
    assert.equal(find([revoked, root.revokeLongAgo()]), 'revoked');
    assert.equal(find([root.revoke('middle'), middle.revoke()]), 'revoked');
  });

  it('are not used before and after their time', () => {
    const both = [root.revoke(), middle.revoke()];
    assert.equal(find(both, Date.now() + 40 * DAY_MS), 'unusable');
    assert.equal(find(both, Date.now() - DAY_MS), 'unusable');
    assert.equal(find([root.revokeLongAgo(), middle.revoke()]), 'unusable');
  });

  it('are not used where somebody else has signed them', () => {
    const impostor = TestAuthority.in(`${root.folder}/impostor`, 'root');
    assert.equal(find([impostor.revoke(), middle.revoke()]), 'unusable');
  });

  it('are read whole or not at all', () => {
    const text = readFileSync(root.revoke('middle'), 'utf8');
    assert.equal(readRevocationLists(text + text).length, 2);
    assert.equal(readRevocationLists('').length, 0);
    const lines = text.split('\n');
    const cut = [...lines.slice(0, 3), ...lines.slice(-2)].join('\n');
    assert.throws(() => readRevocationLists(cut), /DER: cut short/);
  });
});
