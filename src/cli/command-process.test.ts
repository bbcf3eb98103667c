import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';

// More of the real program is in test/integration/cli.test.ts.
describe('command-process.ts', () => {
  it('connects the command line to the process', () => {
    const program = `${import.meta.dirname}/command-process.ts`;
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, 'sing'], {
      encoding: 'utf8',
    });
    assert.equal(status, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /^zorp: unknown command 'sing'/);
  });
});
