import assert from 'node:assert/strict';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import { CliWorld } from '../../test/support/cli-world.ts';
import { PolicyFiles } from '../../test/support/policy-files.ts';
import { RULE_POLICY } from '../../test/support/rule-policy-file.ts';

const files = new PolicyFiles();
after(() => files.remove());
const policy = files.write('rules.ts', RULE_POLICY);

let world = new CliWorld();
beforeEach(() => {
  world = new CliWorld();
});
afterEach(() => world.kernel.remove());

function nft(...args: readonly string[]): ReturnType<CliWorld['run']> {
  return world.run('nft', ...args);
}

describe('zorp nft generate', () => {
  it('prints what nft takes, with the marker, and asks no machine', async () => {
    const [code, out, err] = await nft('generate', policy);
    assert.deepEqual([code, err, world.kernel.asked], [0, '', []]);
    const { nftables } = JSON.parse(out) as { nftables: readonly object[] };
    assert.deepEqual(nftables[0], { add: { table: { family: 'inet', name: 'zorp' } } });
    assert.match(JSON.stringify(nftables.at(-1)), /"comment":"revision [0-9a-f]{12}"/);
  });

  it('tells the faults of a policy as every command does', async () => {
    const [code, out, err] = await nft('generate', files.path('nowhere.ts'));
    assert.deepEqual([code, out], [1, '']);
    assert.match(err, /there is no such file.*\nzorp: The policy has 1 fault\n$/);
  });
});

describe('zorp nft test', () => {
  it('says that the kernel takes it, and changes nothing', async () => {
    const [code, out] = await nft('test', policy);
    assert.equal(code, 0);
    assert.match(out, /^table inet zorp: good, the kernel takes revision [0-9a-f]{12}\n$/);
    assert.deepEqual([world.kernel.tables.size, world.kernel.hasNoState], [0, true]);
  });

  it('prints an object, too, and warnings on standard error', async () => {
    world.kernel.proc.set('/proc/net/if_inet6', undefined);
    const [code, out, err] = await nft('test', policy, '--json');
    const { ok, table, warnings } = JSON.parse(out) as Readonly<Record<string, unknown>>;
    assert.deepEqual([code, ok, table], [0, true, 'zorp']);
    assert.ok(Array.isArray(warnings));
    assert.match(err, /^warning: .*This machine has no IPv6 on lo: /m);
  });

  it('says in one sentence what is in the way', async () => {
    world.kernel.addForeignTable('zorp');
    const [code, out, err] = await nft('test', policy, '--json');
    assert.equal(code, 1);
    assert.match(err, /^zorp: There is a table "inet zorp" that Zorp did not make: [^\n]*\n$/);
    const { error } = JSON.parse(out) as { error: { code: string } };
    assert.equal(error.code, 'nft.table-taken');
  });
});

describe('zorp nft commit', () => {
  it('commits, and hints at --confirm', async () => {
    const [code, out] = await nft('commit', policy);
    assert.equal(code, 0);
    assert.match(out, /^table inet zorp: committed revision \w+\nIt stays\. With --confirm /);
    assert.equal(world.kernel.tables.size, 1);
  });

  it('says how long it waits', async () => {
    const [code, out] = await nft('commit', policy, '--confirm', '60');
    assert.equal(code, 0);
    assert.match(out, /\nIt is taken back in 60 s unless you confirm it: open a new connection/);
    assert.equal(world.kernel.guards.length, 1);
    const [again, , err] = await nft('commit', policy);
    assert.equal(again, 1);
    assert.match(err, /^zorp: The last commit waits for its confirmation \(60 s are left\)/);
  });

  it('prints an object, too', async () => {
    const { ok, until, revision } = JSON.parse(
      (await nft('commit', policy, '--confirm', '60', '--json'))[1],
    ) as Readonly<Record<string, unknown>>;
    assert.deepEqual([ok, until], [true, '2026-01-01T00:01:00.000Z']);
    assert.equal(revision, world.kernel.revisionOf('zorp'));
  });

  it('takes no other time than a number of seconds', async () => {
    for (const text of ['', '0', '-1', '1.5', 'soon', '86401', '9999999']) {
      const [code, , err] = await nft('commit', policy, `--confirm=${text}`);
      assert.equal(code, 2, text);
      assert.match(err, /^zorp: .*(1 to 86400|argument missing)/);
    }
    assert.equal(world.kernel.tables.size, 0);
  });
});
