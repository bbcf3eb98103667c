import assert from 'node:assert/strict';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import { CliWorld } from '../../test/support/cli-world.ts';
import { sampleRuleset } from '../../test/support/fake-kernel.ts';
import { GOOD_POLICY, PolicyFiles } from '../../test/support/policy-files.ts';
import { commitRuleset } from '../packet-filter/commit.ts';

const files = new PolicyFiles();
after(() => files.remove());
const policy = files.write('good.ts', GOOD_POLICY);

let world = new CliWorld();
beforeEach(() => {
  world = new CliWorld();
});
afterEach(() => world.kernel.remove());

function show(...args: readonly string[]): ReturnType<CliWorld['run']> {
  return world.run('nft', 'show', ...args);
}

describe('zorp nft show', () => {
  it('says that there is nothing', async () => {
    assert.deepEqual(await show(), [0, 'table inet zorp: not there\n', '']);
    assert.deepEqual((await show('--table', 'fence'))[1], 'table inet fence: not there\n');
    assert.ok(world.kernel.hasNoState);
  });

  it('shows what is there', async () => {
    await commitRuleset(world.kernel, sampleRuleset('aa'), 60);
    const [code, out, err] = await show();
    assert.deepEqual([code, err], [0, '']);
    assert.match(
      out,
      /^table inet zorp: revision aa, committed at .* from \/policy\.ts\nwaits for/,
    );
    assert.match(out, /\nsets:\n {2}zone \(ipv4_addr\), 1 element\n {4}192\.0\.2\.1\n$/);
  });

  it('compares with a policy', async () => {
    await world.run('nft', 'commit', policy);
    assert.match((await show(policy))[1], /\npolicy .*: revision \w{12}, it is in the kernel\n/);
    const [, json] = await show(policy, '--json');
    const shown = JSON.parse(json) as { ok: boolean; policy: { isThis: boolean } };
    assert.deepEqual([shown.ok, shown.policy.isThis], [true, true]);
    world.kernel.tables.clear();
    const [code, out, err] = await show(policy);
    assert.equal(code, 0);
    assert.match(out, /it is not in the kernel\n/);
    assert.match(err, /^warning: The table of the last commit is gone: /);
  });

  it('prints nothing that could command a terminal', async () => {
    await commitRuleset(
      world.kernel,
      sampleRuleset('aa', { policyFile: '/\u001b[31m.ts' }),
      undefined,
    );
    const texts = [(await show())[1], (await show('--json'))[1]];
    for (const text of texts) assert.doesNotMatch(text, /\u001b/);
  });
});
