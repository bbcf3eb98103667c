import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { isCode } from '../../test/support/packet-filter-errors.ts';
import { suiteOwner } from '../../test/support/system-process.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import type { Commit, StateToSave } from './saved-state.ts';
import { StateStore } from './saved-state.ts';
import { StateFolder } from './state-folder.ts';

const root = temporaryFolder(suiteOwner(), 'saved');
let count = 0;

function makeStore(): StateStore {
  const folder = new StateFolder(join(root, `state-${++count}`));
  folder.open();
  return new StateStore(folder, 'boot-1');
}

const commit: Commit = {
  ...{ table: 'zorp', mark: 64, routingTable: 7, revision: 'abc', policyFile: '/p.ts' },
  ...{ id: '0123456789abcdef', at: '2026-01-01T00:00:00.000Z', step: 'done' },
};
const state: StateToSave = {
  commit,
  before: { kind: 'ruleset', file: 'before-0123456789abcdef.nft', commit },
  pending: {
    ...{ guard: { pid: 7, startTick: '9' }, untilMs: 4.5 },
    until: '2026-01-01T00:01:00.000Z',
  },
  rolledBack: { at: '2026-01-01T00:00:00.000Z', why: 'asked' },
};

describe('StateStore', () => {
  it('reads what it wrote', () => {
    const store = makeStore();
    assert.equal(store.read(), undefined);
    store.write(state);
    assert.deepEqual(store.read(), { version: 1, bootId: 'boot-1', ...state });
  });

  it('forgets with the start of the machine, as the kernel does', () => {
    const store = makeStore();
    store.write(state);
    assert.equal(new StateStore(store.folder, 'boot-2').read(), undefined);
  });

  it('has nothing where there is no folder', () => {
    assert.equal(new StateStore(new StateFolder(join(root, 'nowhere')), 'x').read(), undefined);
  });

  it('believes nothing that it did not write', () => {
    const store = makeStore();
    const good = { version: 1, bootId: 'boot-1', ...state };
    const wrong = [
      ...[7, {}, { ...good, version: 2 }, { ...good, more: 1 }],
      { ...good, commit: { ...commit, table: 'zorp; delete' } },
      { ...good, commit: { ...commit, id: '../../etc' } },
      { ...good, pending: { ...state.pending, guard: { pid: 1, startTick: '9' } } },
    ];
    for (const text of ['', 'x', ...wrong.map((one) => JSON.stringify(one))]) {
      store.folder.write('state.json', text);
      assert.throws(() => store.read(), isCode('state.unreadable'), text);
    }
  });

  it('keeps the ruleset before a commit as long as a state refers to it', () => {
    const store = makeStore();
    const file = store.keepBefore(commit.id, 'table inet zorp {}');
    store.keepBefore('fedcba9876543210', 'other');
    store.tidy(state);
    assert.deepEqual(store.folder.names(), [file]);
    assert.equal(store.readBefore(file), 'table inet zorp {}');
    store.tidy({ ...state, before: { kind: 'nothing' } });
    assert.throws(() => store.readBefore(file), /The ruleset before the last commit is gone/);
    store.folder.write('state.json', 'x');
    assert.throws(() => store.readBefore('state.json'), /is gone/);
  });

  it('goes back to an earlier state, or to none', () => {
    const store = makeStore();
    store.write(state);
    const earlier = store.read();
    store.write({});
    store.restore(earlier);
    assert.deepEqual(store.read(), earlier);
    store.restore(undefined);
    assert.deepEqual([store.read(), store.folder.names()], [undefined, []]);
  });
});
