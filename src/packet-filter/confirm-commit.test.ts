import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { FakeKernel, sampleRuleset } from '../../test/support/fake-kernel.ts';
import { isCode } from '../../test/support/packet-filter-errors.ts';
import { commitRuleset } from './commit.ts';
import { confirmCommit } from './confirm-commit.ts';
import { toolsOf } from './machine.ts';
import { rollBack, rollBackUnconfirmed } from './roll-back.ts';

let kernel = new FakeKernel();
beforeEach(() => {
  kernel = new FakeKernel();
});
afterEach(() => kernel.remove());

describe('confirmCommit()', () => {
  it('lets a commit stay, which can still be rolled back', async () => {
    await commitRuleset(kernel, sampleRuleset('aa'), 60);
    assert.equal((await confirmCommit(kernel)).revision, 'aa');
    assert.equal(toolsOf(kernel).store.read()?.pending, undefined);
    assert.equal(await rollBackUnconfirmed(kernel, kernel.guards[0] ?? ''), false);
    assert.equal(kernel.revisionOf('zorp'), 'aa');
    await rollBack(kernel);
    assert.equal(kernel.tables.size, 0);
  });

  it('has nothing to confirm where nothing waits', async () => {
    await assert.rejects(confirmCommit(kernel), isCode('nft.nothing-to-confirm'));
    assert.ok(kernel.hasNoState);
    await commitRuleset(kernel, sampleRuleset('aa'), undefined);
    await assert.rejects(confirmCommit(kernel), /No commit waits for a confirmation: /);
  });

  it('says that it comes too late', async () => {
    await commitRuleset(kernel, sampleRuleset('aa'), 60);
    await rollBackUnconfirmed(kernel, kernel.guards[0] ?? '');
    await assert.rejects(
      confirmCommit(kernel),
      /was not confirmed in time and rolled back at 2026-01-01T00:00:00\.000Z: commit again/,
    );
  });

  it('confirms no table that is not the one of the commit', async () => {
    await commitRuleset(kernel, sampleRuleset('aa'), 60);
    kernel.tables.clear();
    await assert.rejects(confirmCommit(kernel), isCode('nft.interrupted'));
    assert.notEqual(toolsOf(kernel).store.read()?.pending, undefined);
  });
});
