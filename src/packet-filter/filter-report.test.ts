import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { FakeKernel, sampleRuleset } from '../../test/support/fake-kernel.ts';
import { commitRuleset } from './commit.ts';
import { reportFilter } from './filter-report.ts';
import { toolsOf } from './machine.ts';
import { rollBackUnconfirmed } from './roll-back.ts';

let kernel = new FakeKernel();
beforeEach(() => {
  kernel = new FakeKernel();
});
afterEach(() => kernel.remove());

describe('reportFilter()', () => {
  it('tells that there is nothing, and makes nothing', async () => {
    const { listing, commit, waiting, faults, canRollBack } = await reportFilter(kernel, 'zorp');
    assert.deepEqual(
      [listing, commit, waiting, faults, canRollBack],
      [undefined, undefined, undefined, [], false],
    );
    assert.ok(kernel.hasNoState);
  });

  it('tells what was committed and what is there', async () => {
    await commitRuleset(kernel, sampleRuleset('aa', { table: 'fence' }), undefined);
    const report = await reportFilter(kernel, 'zorp');
    assert.deepEqual([report.table, report.revision], ['fence', 'aa']);
    assert.equal(report.listing?.counters[0]?.name, 'counter-aa');
    assert.deepEqual([report.commit?.policyFile, report.faults], ['/policy.ts', []]);
    assert.equal(report.canRollBack, true);
  });

  it('tells of a commit that waits, and of one that was taken back', async () => {
    await commitRuleset(kernel, sampleRuleset('aa'), 60);
    kernel.timeMs += 15_000;
    assert.deepEqual((await reportFilter(kernel, 'zorp')).waiting, {
      ...{ until: '2026-01-01T00:01:00.000Z', secondsLeft: 45, isGuarded: false },
    });
    await rollBackUnconfirmed(kernel, kernel.guards[0] ?? '');
    const { rolledBack, waiting } = await reportFilter(kernel, 'zorp');
    assert.deepEqual([rolledBack?.why, waiting], ['not-confirmed', undefined]);
  });

  it('tells what is not as it should be', async () => {
    const faults = async (): Promise<string> => {
      const report = await reportFilter(kernel, 'zorp');
      return report.faults.join('\n');
    };
    await commitRuleset(kernel, sampleRuleset('aa'), undefined);
    kernel.routing = kernel.routing.filter(({ family, what }) => family + what !== '-6rule');
    assert.equal(await faults(), 'The policy routing is not complete (IPv6 rule): commit again');
    kernel.routing.push({ family: '-6', what: 'rule', args: 'priority 7 lookup 50080' });
    assert.match(await faults(), /^Somebody else uses the IPv6 routing table 50080/);
    kernel.routing.pop();
    const { store } = toolsOf(kernel);
    const state = store.read();
    assert.ok(state?.commit !== undefined);
    store.write({ ...state, commit: { ...state.commit, revision: 'bb' } });
    assert.match(await faults(), /not that of the last commit: somebody replaced it/);
    kernel.tables.clear();
    assert.match(await faults(), /is gone: somebody removed it/);
    store.write({ ...state, commit: { ...state.commit, step: 'applying' } });
    assert.match(await faults(), /was interrupted: run "zorp nft rollback"/);
  });
});
