import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { FakeKernel, failed, sampleRuleset } from '../../test/support/fake-kernel.ts';
import { isCode } from '../../test/support/packet-filter-errors.ts';
import { commitRuleset } from './commit.ts';
import { toolsOf } from './machine.ts';
import { PacketFilterError } from './packet-filter-error.ts';
import type { SavedState } from './saved-state.ts';

let kernel = new FakeKernel();
beforeEach(() => {
  kernel = new FakeKernel();
});
afterEach(() => kernel.remove());

function state(): SavedState | undefined {
  return toolsOf(kernel).store.read();
}
function isApply(line: string): boolean {
  return line.includes('read -r go');
}

describe('commitRuleset()', () => {
  it('puts table and routing in, and remembers that nothing was there', async () => {
    const result = await commitRuleset(kernel, sampleRuleset('aa'), undefined);
    assert.deepEqual(result, { warnings: [], until: undefined });
    assert.equal(kernel.revisionOf('zorp'), 'aa');
    assert.equal(kernel.routing.length, 4);
    const { commit, before, pending } = state() ?? {};
    assert.deepEqual([commit?.revision, commit?.step], ['aa', 'done']);
    assert.deepEqual([before, pending], [{ kind: 'nothing' }, undefined]);
    assert.deepEqual(kernel.folder.names(), ['state.json']);
  });

  it('replaces what Zorp put in, in one transaction, and remembers it', async () => {
    await commitRuleset(kernel, sampleRuleset('aa'), undefined);
    kernel.addForeignTable('other');
    kernel.asked.length = 0;
    await commitRuleset(kernel, sampleRuleset('bb'), undefined);
    assert.equal(kernel.asked.filter(isApply).length, 1);
    assert.deepEqual([...kernel.tables.keys()].sort(), ['other', 'zorp']);
    assert.equal(kernel.revisionOf('zorp'), 'bb');
    const before = state()?.before;
    assert.ok(before?.kind === 'ruleset');
    assert.equal(before.commit.revision, 'aa');
    assert.match(toolsOf(kernel).store.readBefore(before.file), /^table inet zorp .*revision aa/);
    await commitRuleset(kernel, sampleRuleset('cc'), undefined);
    assert.equal(kernel.folder.names().length, 2, 'what is not needed any more is gone');
  });

  it('takes its old table and routing away where the policy has other names', async () => {
    await commitRuleset(kernel, sampleRuleset('aa'), undefined);
    const identity = { table: 'fence', mark: 0x8000, routingTable: 99 };
    await commitRuleset(kernel, sampleRuleset('bb', identity), undefined);
    assert.deepEqual([...kernel.tables.keys()], ['fence']);
    assert.equal(kernel.routing.length, 4);
    assert.ok(kernel.routing.every(({ args }) => args.includes('99')));
  });

  it('starts the guard before it changes anything', async () => {
    let atStart: unknown;
    kernel.guardStarts = () => (atStart = [kernel.tables.size, state()?.pending?.untilMs]);
    const { until } = await commitRuleset(kernel, sampleRuleset('aa'), 60);
    assert.deepEqual(atStart, [0, kernel.timeMs + 60_000]);
    assert.equal(until, '2026-01-01T00:01:00.000Z');
    assert.deepEqual(kernel.guards, [state()?.commit?.id]);
    assert.equal(state()?.pending?.guard?.pid, 4711);
  });

  it('is refused while another one waits', async () => {
    await commitRuleset(kernel, sampleRuleset('aa'), 60);
    kernel.timeMs += 20_000;
    await assert.rejects(commitRuleset(kernel, sampleRuleset('bb'), undefined), (error) => {
      assert.ok(isCode('nft.waiting')(error));
      assert.match(String(error), /\(40 s are left\): run "zorp nft confirm" or/);
      return true;
    });
    assert.equal(kernel.revisionOf('zorp'), 'aa');
  });

  it('changes nothing where the guard does not start', async () => {
    kernel.guardStarts = () => {
      throw new PacketFilterError('guard.start', 'x');
    };
    await assert.rejects(commitRuleset(kernel, sampleRuleset('aa'), 60), isCode('guard.start'));
    assert.deepEqual([kernel.tables.size, kernel.routing, kernel.hasNoState], [0, [], true]);
  });

  it('takes everything back where the kernel refuses', async () => {
    await commitRuleset(kernel, sampleRuleset('aa'), undefined);
    const before = JSON.stringify([kernel.effects, state()]);
    kernel.interfere = (line) => (isApply(line) ? failed(1, 'Error: No space\n') : undefined);
    const other = sampleRuleset('bb', { mark: 0x8000, routingTable: 99 });
    await assert.rejects(commitRuleset(kernel, other, 60), /nothing was changed: No space$/);
    assert.equal(JSON.stringify([kernel.effects, state()]), before);
  });

  it('takes everything back where the routing is refused', async () => {
    kernel.interfere = (line) =>
      line.startsWith('ip -6 rule add') ? failed(2, 'RTNETLINK answers: Nope\n') : undefined;
    await assert.rejects(
      commitRuleset(kernel, sampleRuleset('aa'), undefined),
      isCode('ip.failed'),
    );
    assert.deepEqual([kernel.tables.size, kernel.routing, kernel.hasNoState], [0, [], true]);
  });

  it('believes what it sees, not what nft says', async () => {
    kernel.interfere = (line) => (isApply(line) ? failed(0, '') : undefined);
    const silent = commitRuleset(kernel, sampleRuleset('aa'), undefined);
    await assert.rejects(silent, /nothing was changed: nft did nothing$/);
    assert.ok(kernel.hasNoState);
  });

  it('is refused where what is there could not be brought back', async () => {
    await commitRuleset(kernel, sampleRuleset('aa'), undefined);
    kernel.interfere = (line) =>
      line.endsWith('nft -c') ? failed(1, 'Error: syntax error\n') : undefined;
    const again = commitRuleset(kernel, sampleRuleset('bb'), undefined);
    await assert.rejects(again, isCode('nft.not-restorable'));
    assert.equal(kernel.revisionOf('zorp'), 'aa');
  });

  it('knows its table again where the state was lost', async () => {
    await commitRuleset(kernel, sampleRuleset('aa'), undefined);
    kernel.folder.removeAll();
    await commitRuleset(kernel, sampleRuleset('bb'), undefined);
    const before = state()?.before;
    assert.equal(before?.kind === 'ruleset' && before.commit.revision, 'aa');
  });
});
