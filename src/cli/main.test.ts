import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';

// More of the real program is in test/integration/cli.test.ts.
describe('main.ts', () => {
  const zorp = (...args: string[]): { code: number | null; said: string } => {
    const main = `${import.meta.dirname}/main.ts`;
    const { status, stderr } = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });
    return { code: status, said: stderr };
  };

  it('does what is asked for in this process', () => {
    assert.deepEqual(zorp('sing').code, 2);
    assert.match(zorp('sing').said, /^zorp: unknown command 'sing'/);
  });

  it('does it as well in the process that a running instance is replaced by', () => {
    const { code, said } = zorp('run', 'no-such-policy.ts');
    assert.equal(code, 1);
    assert.match(said, /no-such-policy\.ts/);
  });
});
