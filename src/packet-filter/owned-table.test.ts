import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { FakeKernel, sampleRuleset } from '../../test/support/fake-kernel.ts';
import { isCode } from '../../test/support/packet-filter-errors.ts';
import { commitRuleset } from './commit.ts';
import { NftProgram } from './nft-program.ts';
import { findOwnTable, findOwnTables } from './owned-table.ts';

describe('our tables', async () => {
  const kernel = new FakeKernel();
  after(() => kernel.remove());
  const nft = new NftProgram(kernel.run);
  await commitRuleset(kernel, sampleRuleset('aa'), undefined);
  kernel.addForeignTable('other');

  it('are found with their revision and handle', async () => {
    const { name, revision, handle } = (await findOwnTable(nft, 'zorp')) ?? {};
    assert.deepEqual([name, revision, handle], ['zorp', 'aa', kernel.tables.get('zorp')?.handle]);
    assert.equal(await findOwnTable(nft, 'nowhere'), undefined);
  });

  it('are told from those of others', async () => {
    await assert.rejects(findOwnTable(nft, 'other'), isCode('nft.table-taken'));
  });

  it('are found by several names, each once', async () => {
    const found = await findOwnTables(nft, ['zorp', undefined, 'nowhere', 'zorp']);
    assert.deepEqual(
      found.map(({ name }) => name),
      ['zorp'],
    );
  });
});
