// program(): what it makes, and the cures for what it refuses.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultsOf } from '../proxy/policy-fault.ts';
import type { ProgramOptions } from './program.ts';
import { program } from './program.ts';

/** The faults of a program with these options, as lines. */
function faults(options: unknown, name = 'filter'): string[] {
  // What JavaScript lets through is what is tested.
  const made = program(name, options as ProgramOptions);
  return faultsOf(made).map(({ path, cure }) => `${path}: ${cure}`);
}

describe('program()', () => {
  it('has defaults for all but the command', () => {
    const made = program('filter', { command: ['/bin/cat', '-u'] });
    assert.deepEqual(faultsOf(made), []);
    assert.deepEqual(made, {
      kind: 'program',
      name: 'filter',
      command: ['/bin/cat', '-u'],
      environment: {},
      workingDirectory: '/',
      timeoutMs: undefined,
      idleTimeoutMs: 600_000,
      maxInstances: 0,
    });
    assert.equal(Object.isFrozen(made.command) && Object.isFrozen(made.environment), true);
  });

  it('takes a single text for a line of the shell', () => {
    const { command } = program('filter', { command: 'cat | tr a b' });
    assert.deepEqual(command, ['/bin/sh', '-c', 'cat | tr a b']);
  });

  it('keeps a function of the environment', () => {
    const environment = (): Record<string, string> => ({ A: 'b' });
    assert.equal(program('filter', { command: ['cat'], environment }).environment, environment);
  });

  it('refuses commands that are none', () => {
    for (const command of [undefined, 1, [], [1]])
      assert.match(faults({ command }).join('\n'), /^command.*give/);
    for (const file of ['', './cat', 'bin/cat', '-c', '../cat'])
      assert.match(faults({ command: [file] }).join(), /^command\[0\]: give an absolute path/);
    assert.match(faults({ command: '' }).join(), /^command: give a list/);
    assert.match(faults({ command: ['cat', 'a\0b'] }).join(), /^command\[1\]: remove the NUL/);
  });

  it('refuses what cannot be an environment', () => {
    const command = ['cat'];
    for (const environment of [{ '1A': '' }, { 'A=B': '' }, { '': '' }])
      assert.match(faults({ command, environment }).join(), /a name of a variable is/);
    assert.match(faults({ command, environment: { ZORP_CLIENT: '' } }).join(), /Zorp itself sets/);
    assert.match(faults({ command, environment: { A: 'a\0b' } }).join(), /remove the NUL/);
    assert.match(faults({ command, environment: 1 }).join(), /an object with a text/);
  });

  it('refuses other settings with their cures', () => {
    const command = ['cat'];
    assert.match(faults({ command, workingDirectory: 'tmp' }).join(), /give an absolute path/);
    assert.match(faults({ command, timeoutMs: 0 }).join(), /at least 1 millisecond/);
    assert.match(faults({ command, idleTimeoutMs: 1.5 }).join(), /whole milliseconds/);
    assert.match(faults({ command, maxInstances: -1 }).join(), /0 for no limit/);
    assert.match(faults({ command, shell: true }).join(), /there is no such option/);
    assert.match(faults({ command }, 'a b').join(), /^name: a name is/);
  });
});
