import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { needs } from '../../test/support/needs.ts';
import { readAtOnce } from '../../test/support/read-at-once.ts';
import { suiteOwner } from '../../test/support/system-process.ts';
import { TestAuthority } from '../../test/support/test-authority.ts';
import { PemFile } from '../policy/pem-files.ts';
import { certificatesOfFiles, revocationListsOfFiles } from './trusted-files.ts';

describe('what a verifier is given', needs('openssl'), () => {
  const owner = suiteOwner();

  function fileOf(content: 'certificate' | 'revocation-list', text: string): PemFile {
    const file = new PemFile('the.pem', content);
    assert.deepEqual(readAtOnce(file.input, text), []);
    return file;
  }

  it('is one certificate after the other, without what people write between them', () => {
    const [one, other] = ['one', 'other'].map((name) =>
      readFileSync(TestAuthority.make(owner, name).certificate, 'utf8'),
    );
    const file = fileOf('certificate', `# ours\n${one}# theirs\n${other}`);
    const certificates = certificatesOfFiles([file, fileOf('certificate', one ?? '')]);
    assert.deepEqual(
      certificates.map((pem) => pem.replace(/#.*\n/, '')),
      [one, other, one],
    );
    const cut = fileOf('certificate', `${one}${other?.slice(0, 200)}`);
    assert.throws(() => certificatesOfFiles([cut]), /^Error: the\.pem: /);
  });

  it('is one list after the other', () => {
    const authority = TestAuthority.make(owner);
    const list = readFileSync(authority.revoke(), 'utf8');
    assert.deepEqual(revocationListsOfFiles([fileOf('revocation-list', list + list)]), [
      list,
      list,
    ]);
  });
});
