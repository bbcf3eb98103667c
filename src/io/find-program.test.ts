// Files that can be run, and those that cannot.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { findProgram } from './find-program.ts';

describe('findProgram()', () => {
  it('finds an absolute path, and a name in the search path', async () => {
    assert.deepEqual(await findProgram('/bin/sh', ''), { ok: true, path: '/bin/sh' });
    assert.deepEqual(await findProgram('sh', '/nowhere:/bin'), { ok: true, path: '/bin/sh' });
  });

  it('says why there is none', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'zorp-test-'));
    try {
      const plain = join(directory, 'plain');
      await writeFile(plain, 'text', { mode: 0o644 });
      await mkdir(join(directory, 'folder'));
      assert.deepEqual(await findProgram(plain, ''), { ok: false, error: 'EACCES' });
      assert.deepEqual(await findProgram('plain', directory), { ok: false, error: 'EACCES' });
      assert.deepEqual(await findProgram(directory, ''), { ok: false, error: 'EISDIR' });
      assert.deepEqual(await findProgram(join(directory, 'none'), ''), {
        ok: false,
        error: 'ENOENT',
      });
      assert.deepEqual(await findProgram('none', '/bin'), { ok: false, error: 'ENOENT' });
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('does not look into the working directory', async () => {
    assert.deepEqual(await findProgram('package.json', ':.'), { ok: false, error: 'ENOENT' });
  });
});
