import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { CliWorld } from '../../test/support/cli-world.ts';
import { sampleRuleset } from '../../test/support/fake-kernel.ts';
import { commitRuleset } from '../packet-filter/commit.ts';

let world = new CliWorld();
beforeEach(() => {
  world = new CliWorld();
});
afterEach(() => world.kernel.remove());

function nft(...args: readonly string[]): ReturnType<CliWorld['run']> {
  return world.run('nft', ...args);
}

function commit(revision: string, seconds?: number): Promise<unknown> {
  return commitRuleset(world.kernel, sampleRuleset(revision), seconds);
}

describe('zorp nft confirm', () => {
  it('says that the commit stays, in text and JSON', async () => {
    await commit('aa', 60);
    assert.deepEqual(await nft('confirm'), [0, 'table inet zorp: confirmed, it stays\n', '']);
    await commit('bb', 60);
    const [, out] = await nft('confirm', '--json');
    assert.deepEqual(JSON.parse(out), { ok: true, table: 'zorp', revision: 'bb' });
  });

  it('has nothing to confirm', async () => {
    const [code, out, err] = await nft('confirm');
    assert.deepEqual([code, out], [1, '']);
    assert.match(err, /^zorp: No commit waits for a confirmation: /);
  });
});

describe('zorp nft rollback', () => {
  it('says what is there again', async () => {
    await commit('aa');
    await commit('bb');
    const [code, out] = await nft('rollback');
    assert.deepEqual([code, out], [0, 'rolled back: table inet zorp has revision aa again\n']);
    await commit('bb');
    const [, json] = await nft('rollback', '--json');
    assert.deepEqual(JSON.parse(json), { ok: true, table: 'zorp', revision: 'aa' });
  });

  it('says that nothing is there, as before', async () => {
    await commit('aa');
    const [, out] = await nft('rollback');
    assert.equal(out, 'rolled back: there is no packet filter of Zorp now, as before\n');
    await commit('aa');
    const [, json] = await nft('rollback', '--json');
    assert.deepEqual(JSON.parse(json), { ok: true, table: null, revision: null });
  });
});

describe('zorp nft remove', () => {
  it('says what it removed', async () => {
    await commit('aa');
    assert.deepEqual((await nft('remove'))[1], 'table inet zorp: removed, nothing is left\n');
    assert.deepEqual((await nft('remove'))[1], 'There is no packet filter of Zorp\n');
    const [, json] = await nft('remove', '--json');
    assert.deepEqual(JSON.parse(json), { ok: true, tables: [], warnings: [] });
  });

  it('takes the name of a table that nobody remembers', async () => {
    await commitRuleset(world.kernel, sampleRuleset('aa', { table: 'fence' }), undefined);
    world.kernel.folder.removeAll();
    assert.match((await nft('remove'))[1], /^There is no packet filter/);
    assert.match((await nft('remove', '--table', 'fence'))[1], /^table inet fence: removed/);
  });
});
