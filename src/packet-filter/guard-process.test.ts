import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { isCode } from '../../test/support/packet-filter-errors.ts';
import { suiteOwner } from '../../test/support/system-process.ts';
import { until } from '../../test/support/system-wait.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { startGuardProcess } from './guard-process.ts';
import { isRunning, readProc } from './proc-files.ts';
import { StateFolder } from './state-folder.ts';

const root = temporaryFolder(suiteOwner(), 'guard');

describe('startGuardProcess()', () => {
  it('starts a process in a session of its own, which ends where nothing waits', async () => {
    const folder = new StateFolder(join(root, 'net-1'));
    folder.open();
    const guard = await startGuardProcess(root, '0123456789abcdef', folder);
    assert.notEqual(guard.pid, process.pid);
    await until('the end of the guard', () => !isRunning(guard, readProc));
    assert.equal(folder.read('guard.log'), '');
  });

  it('says that it did not start', async () => {
    const folder = new StateFolder(join(root, 'net-2'));
    folder.open();
    const { execPath } = process;
    process.execPath = '/bin/false';
    try {
      await assert.rejects(
        startGuardProcess(root, '0123456789abcdef', folder),
        isCode('guard.start'),
      );
    } finally {
      process.execPath = execPath;
    }
  });
});
