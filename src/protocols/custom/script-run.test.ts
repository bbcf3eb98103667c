import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { accept, drop } from '../../proxy/policy-action.ts';
import { PolicyFault } from '../../proxy/violation.ts';
import type { Conversation, Script } from './conversation.ts';
import { Unavailable } from './ending.ts';
import { Referee } from './referee.ts';
import { ScriptRun } from './script-run.ts';
import { given, Step } from './step.ts';

function runOf(script: Script, referee = new Referee('guess')): ScriptRun {
  const conversation = {} as Conversation; // these scripts do not talk
  return new ScriptRun('guess', script, { conversation, referee });
}

/** The fault of a script that is written without types. */
function faultOf(script: () => unknown): PolicyFault {
  try {
    runOf(script as Script).advance();
  } catch (fault) {
    if (fault instanceof PolicyFault) return fault;
    throw fault;
  }
  return assert.fail('no fault');
}

describe('the run of a script', () => {
  it('goes from step to step to the result', () => {
    const referee = new Referee('guess');
    const step = new Step({ call: 'ask()', reads: [], attempt: () => given(5) });
    const run = runOf(function* () {
      const answer = yield* referee.waiting(() => step);
      return answer === 5 ? accept() : (undefined as never);
    }, referee);
    assert.deepEqual(run.advance(), { type: 'step', step });
    step.attempt();
    assert.deepEqual(run.advance(), { type: 'result', result: accept() });
  });

  it('makes faults of all that a script may not be', () => {
    const hostile = {
      next: () => ({
        done: true,
        get value(): never {
          throw new Error('got');
        },
      }),
    };
    const cases: [() => unknown, PolicyFault['code'], RegExp][] = [
      [() => undefined, 'policy.invalid-result', /returned undefined: write it as function\*/],
      [() => [1], 'policy.invalid-result', /returned \[1\]: write it as function\*/],
      [
        async function* () {
          yield await Promise.resolve(1);
        },
        'policy.invalid-result',
        /write it as function\*/,
      ],
      [() => ({ next: () => 5 }), 'policy.invalid-result', /yielded undefined: write yield\*/],
      [() => ({ next: () => null }), 'policy.function-failed', /^The script of guess failed/],
      [() => hostile, 'policy.function-failed', /failed: got$/],
      [() => ({ next: drop }), 'policy.invalid-result', /yielded undefined/],
      [
        function* () {
          return yield* [];
        },
        'policy.invalid-result',
        /returned undefined: return accept\(\)/,
      ],
      [
        function* () {
          yield* [];
          return drop();
        },
        'policy.invalid-result',
        /return accept\(\), reject\(text\) or abort/,
      ],
    ];
    for (const [script, code, message] of cases) {
      const fault = faultOf(script);
      assert.equal(fault.code, code);
      assert.match(fault.message, message);
    }
  });

  it('leaves no promise alone with its failure that nobody waits for', async () => {
    const failed = async (): Promise<never> => Promise.reject(new Error('no database'));
    assert.match(faultOf(failed).message, /write it as function\*/);
    assert.match(faultOf(() => ({ next: () => ({ value: failed() }) })).message, /yielded/);
    await setImmediate(); // an unhandled rejection would fail the test
  });

  it('keeps the trace of what a script threw', () => {
    const error = new Error('no database');
    const fault = faultOf(() => {
      throw error;
    });
    assert.equal(fault.cause, error);
  });

  it("passes on that there is no server, which is nobody's fault", () => {
    const error = new Unavailable({ reason: 'r', verdict: 'denied-by-policy', message: 'm' });
    const run = runOf(() => {
      throw error;
    });
    assert.throws(() => run.advance(), error);
  });
});
