import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { FakeKernel, failed, sampleRuleset } from '../../test/support/fake-kernel.ts';
import { commitRuleset } from './commit.ts';
import { removeAll } from './remove-all.ts';

let kernel = new FakeKernel();
beforeEach(() => {
  kernel = new FakeKernel();
});
afterEach(() => kernel.remove());

describe('removeAll()', () => {
  it('leaves nothing of ours, and everything of others', async () => {
    kernel.addForeignTable('other');
    const byHand = { family: '-4', what: 'rule', args: 'priority 7 lookup 9' };
    kernel.routing = [byHand];
    const before = JSON.stringify(kernel.effects);
    await commitRuleset(kernel, sampleRuleset('aa'), undefined);
    await commitRuleset(kernel, sampleRuleset('bb', { table: 'fence' }), 60);
    assert.deepEqual(await removeAll(kernel, 'zorp'), { tables: ['fence'], warnings: [] });
    assert.equal(JSON.stringify(kernel.effects), before);
    assert.ok(kernel.hasNoState);
  });

  it('finds what is ours where nobody remembers', async () => {
    await commitRuleset(kernel, sampleRuleset('aa'), undefined);
    kernel.folder.removeAll();
    assert.deepEqual((await removeAll(kernel, 'zorp')).tables, ['zorp']);
    assert.deepEqual([kernel.tables.size, kernel.routing], [0, []]);
  });

  it('removes nothing where nothing is', async () => {
    assert.deepEqual(await removeAll(kernel, 'zorp'), { tables: [], warnings: [] });
    assert.ok(kernel.hasNoState);
  });

  it('leaves a table that is not ours any more, and says so', async () => {
    await commitRuleset(kernel, sampleRuleset('aa'), undefined);
    kernel.tables.clear();
    kernel.addForeignTable('zorp');
    const { tables, warnings } = await removeAll(kernel, 'zorp');
    assert.deepEqual(tables, []);
    assert.deepEqual(warnings, ['The table "inet zorp" stays: Zorp did not make it']);
    assert.deepEqual([kernel.tables.size, kernel.routing], [1, []]);
  });

  it('forgets nothing where the kernel refuses', async () => {
    await commitRuleset(kernel, sampleRuleset('aa'), undefined);
    kernel.interfere = (line) =>
      line.includes('read -r go') ? failed(1, 'Error: Busy\n') : undefined;
    await assert.rejects(removeAll(kernel, 'zorp'), /does not remove the packet filter: Busy/);
    assert.deepEqual([kernel.tables.size, kernel.hasNoState], [1, false]);
  });
});
