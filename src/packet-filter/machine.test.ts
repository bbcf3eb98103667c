import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { FakeKernel } from '../../test/support/fake-kernel.ts';
import { suiteOwner } from '../../test/support/system-process.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { atWork, openMachine, toolsOf } from './machine.ts';

const root = temporaryFolder(suiteOwner(), 'machine');

describe('the machine', () => {
  it('has a folder for its network, and makes it only for work', async () => {
    const machine = openMachine(join(root, 'state'));
    assert.match(machine.folder.path, /\/state\/net-\d+$/);
    assert.equal(toolsOf(machine).store.read(), undefined);
    assert.equal(machine.folder.exists(), false);
    await atWork(machine, ({ store }) => {
      assert.equal(store.read(), undefined);
      assert.equal(machine.folder.names().length, 1, 'the lock');
      return Promise.resolve();
    });
    assert.equal(machine.folder.exists(), false);
  });

  it('has clocks, and programs', async () => {
    const machine = openMachine(root);
    const [now, monotonic] = [machine.now(), machine.monotonicMs()];
    assert.ok(Math.abs(now - Date.now()) < 60_000 && machine.monotonicMs() >= monotonic);
    const end = await machine.run({ program: 'true', args: [] });
    assert.equal(end.kind, 'ended');
  });
});

describe('atWork()', () => {
  it('applies from a file, and leaves neither file nor lock', async () => {
    const kernel = new FakeKernel();
    after(() => kernel.remove());
    await atWork(kernel, async ({ apply }) => {
      const create = { table: { family: 'inet', name: 'x' } };
      assert.deepEqual(await apply({ kind: 'json', commands: [{ create }] }), { ok: true });
      assert.equal(kernel.folder.names().length, 1, 'the lock');
    });
    assert.deepEqual([[...kernel.tables.keys()], kernel.hasNoState], [['x'], true]);
  });

  it('gives the lock back when the work fails', async () => {
    const kernel = new FakeKernel();
    after(() => kernel.remove());
    await assert.rejects(
      atWork(kernel, () => Promise.reject(new Error('x'))),
      /x/,
    );
    assert.ok(kernel.hasNoState);
  });
});
