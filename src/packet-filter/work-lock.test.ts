import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, describe, it } from 'node:test';
import { PacketFilterError } from './packet-filter-error.ts';
import { identifyProcess, readProc } from './proc-files.ts';
import { StateFolder } from './state-folder.ts';
import { takeWorkLock } from './work-lock.ts';

const root = mkdtempSync(join(tmpdir(), 'zorp-lock-'));
const folder = new StateFolder(join(root, 'state'));
const child = spawn('sleep', ['3600']); // the whole suite runs in one process, and this may be its last test
const pid = child.pid ?? 0;
function childFile(): string {
  return `at-work-${pid}-${identifyProcess(pid, readProc)?.startTick ?? ''}`;
}
after(() => {
  child.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});
afterEach(() => folder.names().forEach((name) => folder.remove(name)));

describe('takeWorkLock()', () => {
  it('makes the folder, and leaves nothing behind', async () => {
    const lock = await takeWorkLock(folder, readProc);
    assert.match(folder.names().join(), new RegExp(`^at-work-${process.pid}-\\d+$`));
    lock.release();
    assert.equal(folder.exists(), false);
  });

  it('waits for another process, and says in vain which one it is', async () => {
    folder.open();
    folder.write(childFile(), '');
    await assert.rejects(
      takeWorkLock(folder, readProc, 50),
      (error) =>
        error instanceof PacketFilterError &&
        error.code === 'state.busy' &&
        error.message.includes(`process ${pid}`),
    );
    assert.deepEqual(folder.names(), [childFile()]);
    const waiting = takeWorkLock(folder, readProc, 10_000);
    folder.remove(childFile());
    (await waiting).release();
  });

  it('takes no notice of processes that have ended', async () => {
    const gone = spawn('true');
    await once(gone, 'exit');
    folder.open();
    folder.write(`at-work-${gone.pid ?? 0}-1`, '');
    folder.write(`at-work-${pid}-1`, ''); // the number is another's now
    (await takeWorkLock(folder, readProc, 0)).release();
    assert.deepEqual(folder.names(), []);
  });

  it('is held by a child, too, as long as it runs', async () => {
    const lock = await takeWorkLock(folder, readProc);
    lock.share(pid);
    lock.share(0);
    assert.equal(folder.names().length, 2);
    assert.ok(folder.names().includes(childFile()));
    lock.release();
    assert.deepEqual(folder.names(), []);
  });

  it('needs /proc', async () => {
    await assert.rejects(
      takeWorkLock(folder, () => undefined),
      /There is no \/proc: mount it/,
    );
  });
});
