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

  it('is not ended by a SIGHUP while it loads what does its work', () => {
    const hook = `registerHooks({ load(url, context, next) {
      if (url.endsWith('/command-process.ts')) process.kill(process.pid, 'SIGHUP');
      return next(url, context);
    } })`;
    const preload = `data:text/javascript,import { registerHooks } from 'node:module'; ${hook}`;
    const main = `${import.meta.dirname}/main.ts`;
    const { signal, status } = spawnSync(process.execPath, [
      '--import',
      preload,
      main,
      'run',
      'no-such-policy.ts',
    ]);
    assert.deepEqual([signal, status], [null, 1]);
  });

  it('does it as well in the process that a running instance is replaced by', () => {
    const { code, said } = zorp('run', 'no-such-policy.ts');
    assert.equal(code, 1);
    assert.match(said, /no-such-policy\.ts/);
  });
});
