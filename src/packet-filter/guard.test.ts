import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { FakeKernel, failed, sampleRuleset } from '../../test/support/fake-kernel.ts';
import { until } from '../../test/support/system-wait.ts';
import { commitRuleset } from './commit.ts';
import { confirmCommit } from './confirm-commit.ts';
import type { GuardEnd, GuardOptions } from './guard.ts';
import { guardCommit } from './guard.ts';

let kernel = new FakeKernel();
const logged: string[] = [];
beforeEach(() => {
  kernel = new FakeKernel();
  logged.length = 0;
});
afterEach(() => kernel.remove());

function guard(options: Partial<GuardOptions> = {}): Promise<GuardEnd> {
  return guardCommit(kernel, {
    ...{ commitId: kernel.guards[0] ?? '', isAskedToEnd: () => false, pollMs: 1, retryMs: 1 },
    log: (text) => void logged.push(text),
    ...options,
  });
}

describe('guardCommit()', () => {
  it('takes the commit back when its time is over, not before', async () => {
    await commitRuleset(kernel, sampleRuleset('aa'), 60);
    let looks = 0;
    const isAskedToEnd = (): boolean => {
      looks += 1;
      return false;
    };
    const ended = guard({ isAskedToEnd });
    kernel.timeMs += 59_999;
    const before = looks;
    await until('it to look again', () => looks > before + 1);
    assert.equal(kernel.revisionOf('zorp'), 'aa');
    kernel.timeMs += 1;
    assert.equal(await ended, 'rolled-back');
    assert.equal(kernel.tables.size, 0);
  });

  it('ends when somebody confirms', async () => {
    await commitRuleset(kernel, sampleRuleset('aa'), 60);
    const ended = guard();
    await confirmCommit(kernel);
    kernel.timeMs += 100_000;
    assert.equal(await ended, 'not-needed');
    assert.equal(kernel.revisionOf('zorp'), 'aa');
  });

  it('ends where nothing is remembered, or another commit', async () => {
    assert.equal(await guard(), 'not-needed');
    await commitRuleset(kernel, sampleRuleset('aa'), 60);
    assert.equal(await guard({ commitId: '0123456789abcdef' }), 'not-needed');
  });

  it('does not wait when it is told to end', async () => {
    await commitRuleset(kernel, sampleRuleset('aa'), 60);
    assert.equal(await guard({ isAskedToEnd: () => true }), 'rolled-back');
    assert.equal(kernel.tables.size, 0);
  });

  it('tries again what does not work, and logs it within bounds', async () => {
    await commitRuleset(kernel, sampleRuleset('aa'), 60);
    kernel.timeMs += 60_000;
    let attempts = 0;
    kernel.interfere = (line) =>
      line.includes('read -r go') && ++attempts < 120 ? failed(1, 'Error: Busy\n') : undefined;
    assert.equal(await guard(), 'rolled-back');
    assert.equal(logged.length, 100);
    assert.match(logged[0] ?? '', /^2026-01-01T00:01:00\.000Z The kernel refuses .*: Busy$/);
  });
});
