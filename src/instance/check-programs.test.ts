// Programs that a policy names and that are not there.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { idleProxy } from '../../test/support/policy-samples.ts';
import { definePolicy } from '../policy/define-policy.ts';
import { listener } from '../policy/listener.ts';
import type { Policy } from '../policy/policy.ts';
import type { ProgramOptions } from '../policy/program.ts';
import { program } from '../policy/program.ts';
import { service } from '../policy/service.ts';
import { checkPrograms } from './check-programs.ts';
import { PolicyLoadError } from './load-fault.ts';

function policyWith(...programs: readonly ProgramOptions[]): Policy {
  const stacks = programs.map((options, index) => program(`program-${index}`, options));
  const web = service('web', { proxy: idleProxy({ stacks }) });
  return definePolicy({ zones: [], listeners: [listener('127.0.0.1:80', web)] });
}

describe('checkPrograms()', () => {
  it('takes programs that are there, and those that cannot be looked for', async () => {
    await checkPrograms(policyWith());
    await checkPrograms(
      policyWith(
        { command: ['/bin/sh'] },
        { command: ['sh'] },
        { command: 'no-such-program | cat' },
        { command: ['no-such-program'], environment: () => ({ PATH: '/opt' }) },
      ),
    );
  });

  it('names each that is not', async () => {
    const policy = policyWith(
      { command: ['/no/such/program'] },
      { command: ['sh'], environment: { PATH: '/nowhere' } },
      { command: ['/etc/passwd'], environment: () => ({}) },
    );
    await assert.rejects(checkPrograms(policy), (error) => {
      assert.ok(error instanceof PolicyLoadError);
      const lines = error.faults.map(({ code, message }) => `${code} ${message}`);
      assert.deepEqual(lines, [
        'policy.program program "program-0" cannot be run: "/no/such/program" (ENOENT)',
        'policy.program program "program-1" cannot be run: "sh" (ENOENT)',
        'policy.program program "program-2" cannot be run: "/etc/passwd" (EACCES)',
      ]);
      assert.ok(error.faults.every(({ file, line }) => file !== undefined && line !== undefined));
      return true;
    });
  });
});
