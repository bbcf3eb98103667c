// Guarded memory is what it says, and an access beside it ends the process.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { needsDriver, testLibc } from '../../test/support/driver-needs.ts';
import { allocateGuarded } from './guarded-memory.ts';

/** Has a child process write one byte through the C library, `offset` bytes from the beginning of 64 KiB. */
function strayWrite(offset: number): { status: number | null; signal: string | null } {
  const script = `
    import { loadLibc } from '${import.meta.resolve('./libc.ts')}';
    import { allocateGuarded } from '${import.meta.resolve('./guarded-memory.ts')}';
    const { libc } = loadLibc();
    const { address } = allocateGuarded(libc, 65536);
    new Uint8Array(libc.view(address + (${offset}), 1))[0] = 1;`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' });
}

describe('guarded memory', needsDriver(), () => {
  it('is zeros that the three views share, rounded up to 64 KiB', () => {
    const memory = allocateGuarded(testLibc(), 100_000);
    assert.equal(memory.bytes.length, 131_072);
    assert.ok(memory.bytes.every((byte) => byte === 0));
    memory.words[1] = 0x0102_0304;
    assert.equal(memory.view.getUint32(4, true), 0x0102_0304);
    assert.equal(memory.bytes[4], 4);
  });

  it('lets the first and the last byte be written, and ends the process one byte beside them', () => {
    assert.equal(strayWrite(0).status, 0);
    assert.equal(strayWrite(65_535).status, 0);
    assert.equal(strayWrite(-1).signal, 'SIGSEGV');
    assert.equal(strayWrite(65_536).signal, 'SIGSEGV');
  });

  it('says what the system says when there is none', () => {
    const libc = { ...testLibc(), mmap: () => -1, errno: () => 12 };
    assert.throws(() => allocateGuarded(libc, 1), /Cannot allocate 65536 bytes: .* ENOMEM/);
    const unprotected = { ...testLibc(), mprotect: () => -1, errno: () => 12 };
    assert.throws(() => allocateGuarded(unprotected, 1), /ENOMEM/);
  });
});
