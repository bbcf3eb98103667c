import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { FakeKernel, failed, sampleRuleset } from '../../test/support/fake-kernel.ts';
import { isCode } from '../../test/support/packet-filter-errors.ts';
import { commitRuleset } from './commit.ts';
import { toolsOf } from './machine.ts';
import { isWaiting, rollBack, rollBackUnconfirmed } from './roll-back.ts';

let kernel = new FakeKernel();
beforeEach(() => {
  kernel = new FakeKernel();
});
afterEach(() => kernel.remove());

function state() {
  return toolsOf(kernel).store.read();
}

describe('rollBack()', () => {
  it('goes back to nothing', async () => {
    kernel.addForeignTable('other');
    const before = JSON.stringify(kernel.effects);
    await commitRuleset(kernel, sampleRuleset('aa'), undefined);
    assert.deepEqual(await rollBack(kernel), { now: undefined });
    assert.equal(JSON.stringify(kernel.effects), before);
    assert.deepEqual([state()?.commit, state()?.rolledBack?.why], [undefined, 'asked']);
  });

  it('goes back to exactly what was there, once', async () => {
    await commitRuleset(kernel, sampleRuleset('aa'), undefined);
    const before = JSON.stringify(kernel.effects);
    const identity = { table: 'fence', mark: 0x8000, routingTable: 99 };
    for (const next of [sampleRuleset('bb'), sampleRuleset('cc', identity)]) {
      await commitRuleset(kernel, next, undefined);
      assert.notEqual(JSON.stringify(kernel.effects), before);
      const { now } = await rollBack(kernel);
      assert.equal(now?.revision, 'aa');
      assert.equal(JSON.stringify(kernel.effects), before);
      assert.equal(state()?.commit?.revision, 'aa');
      await assert.rejects(rollBack(kernel), isCode('nft.nothing-to-roll-back'));
    }
  });

  it('takes back a commit that waits, too', async () => {
    await commitRuleset(kernel, sampleRuleset('aa'), 60);
    await rollBack(kernel);
    assert.deepEqual([kernel.tables.size, state()?.pending], [0, undefined]);
  });

  it('goes back from a commit that never got as far as the kernel', async () => {
    await commitRuleset(kernel, sampleRuleset('aa'), undefined);
    const before = JSON.stringify(kernel.effects);
    const real = kernel.startGuard.bind(kernel);
    kernel.startGuard = async (id) => {
      await real(id);
      // As if the command had been killed here: nothing of it runs any more.
      const left = state();
      assert.ok(left !== undefined);
      kernel.interfere = () => {
        throw new Error('killed');
      };
      killed = left;
      throw new Error('killed');
    };
    let killed: ReturnType<typeof state>;
    await assert.rejects(commitRuleset(kernel, sampleRuleset('bb'), 60), /killed/);
    kernel.interfere = () => undefined;
    const store = toolsOf(kernel).store;
    assert.ok(killed?.before?.kind === 'ruleset' && killed.commit?.step === 'applying');
    store.folder.write(killed.before.file, textOf('zorp'));
    store.restore(killed);
    await rollBack(kernel);
    assert.equal(JSON.stringify(kernel.effects), before);
  });

  it('has nothing to go back to where nothing was committed', async () => {
    await assert.rejects(rollBack(kernel), isCode('nft.nothing-to-roll-back'));
    assert.ok(kernel.hasNoState);
  });

  it('changes nothing where the kernel refuses, and can be tried again', async () => {
    await commitRuleset(kernel, sampleRuleset('aa'), undefined);
    await commitRuleset(kernel, sampleRuleset('bb'), undefined);
    kernel.interfere = (line) =>
      line.includes('read -r go') ? failed(1, 'Error: No space\n') : undefined;
    await assert.rejects(rollBack(kernel), /nothing was changed: No space$/);
    assert.equal(kernel.revisionOf('zorp'), 'bb');
    kernel.interfere = () => undefined;
    await rollBack(kernel);
    assert.equal(kernel.revisionOf('zorp'), 'aa');
  });

  it('leaves a table to whoever put it in the place of ours', async () => {
    await commitRuleset(kernel, sampleRuleset('aa'), undefined);
    kernel.tables.clear();
    kernel.addForeignTable('zorp');
    await assert.rejects(rollBack(kernel), isCode('nft.table-taken'));
    assert.equal(kernel.tables.size, 1);
  });
});

/** A table as the fake nft prints it. */
function textOf(name: string): string {
  return `table inet ${name} ${JSON.stringify(kernel.tables.get(name)?.objects)}\n`;
}

describe('rollBackUnconfirmed()', () => {
  it('takes back the commit that waits, and no other', async () => {
    assert.equal(await rollBackUnconfirmed(kernel, 'x'), false);
    await commitRuleset(kernel, sampleRuleset('aa'), 60);
    const [id = ''] = kernel.guards;
    assert.ok(isWaiting(state(), id));
    assert.equal(isWaiting(state(), 'other'), false);
    assert.equal(await rollBackUnconfirmed(kernel, 'other'), false);
    assert.equal(await rollBackUnconfirmed(kernel, id), true);
    assert.deepEqual([kernel.tables.size, kernel.routing.length], [0, 0]);
    assert.equal(state()?.rolledBack?.why, 'not-confirmed');
    assert.equal(await rollBackUnconfirmed(kernel, id), false);
  });
});
