import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CliWorld } from '../../test/support/cli-world.ts';
import { PolicyLoadError } from '../instance/load-fault.ts';
import {
  CommandError,
  countFaults,
  printJson,
  reportError,
  safeLines,
  wrongUse,
} from './command.ts';

const FAULT = { code: 'policy.fault', file: '/p.ts', line: 3, message: 'Bad', cure: 'mend it' };

describe('reportError()', () => {
  it('says one sentence, and gives the exit code of the error', () => {
    const world = new CliWorld();
    assert.equal(reportError(new CommandError('a', 'Broken: mend it'), world.output, false), 1);
    assert.equal(reportError(wrongUse('no command'), world.output, false), 2);
    assert.equal(world.err, 'zorp: Broken: mend it\nzorp: no command\n');
    assert.equal(world.out, '');
  });

  it('with --json also prints an object', () => {
    const world = new CliWorld();
    reportError(new CommandError('a', 'Broken'), world.output, true);
    assert.deepEqual(JSON.parse(world.out), { ok: false, error: { code: 'a', message: 'Broken' } });
    assert.equal(world.err, 'zorp: Broken\n');
  });

  it('lists the faults of a policy', () => {
    const world = new CliWorld();
    assert.equal(reportError(new PolicyLoadError([FAULT, FAULT]), world.output, true), 1);
    const line = '/p.ts:3: Bad: mend it\n';
    assert.equal(world.err, `${line}${line}zorp: The policy has 2 faults\n`);
    assert.deepEqual(JSON.parse(world.out), {
      ok: false,
      error: { code: 'policy', message: 'The policy has 2 faults' },
      faults: [FAULT, FAULT],
    });
  });

  it('takes what it does not know for a bug, and shows no stack', () => {
    const world = new CliWorld();
    assert.equal(reportError(new TypeError('x is not a function'), world.output, false), 1);
    reportError('thrown text', world.output, false);
    const report = 'this is a bug of Zorp, please report it\n';
    assert.equal(
      world.err,
      `zorp: TypeError: x is not a function: ${report}zorp: thrown text: ${report}`,
    );
  });

  it('lets nothing through that could command a terminal', () => {
    const world = new CliWorld();
    reportError(new CommandError('a', 'No \u001b[2J'), world.output, false);
    assert.equal(world.err, 'zorp: No \\u001b[2J\n');
  });
});

describe('safeLines()', () => {
  it('keeps the lines, and escapes what is in them', () => {
    assert.equal(safeLines('a\nb\rc'), 'a\nb\\u000dc\n');
  });
});

describe('printJson()', () => {
  it('prints an indented object that can be read back', () => {
    const world = new CliWorld();
    printJson(world.output, { a: 'b\u009bc' });
    assert.equal(world.out, '{\n  "a": "b\\u009bc"\n}\n');
  });
});

describe('countFaults()', () => {
  it('knows one from many', () => {
    assert.equal(countFaults([FAULT]), '1 fault');
    assert.equal(countFaults([]), '0 faults');
  });
});
