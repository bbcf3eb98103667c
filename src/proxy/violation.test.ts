import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PolicyFault, Violation } from './violation.ts';

describe('Violation', () => {
  it('names the rule, the side and what happened', () => {
    const violation = new Violation('http.bare-lf', 'client', 'A line ends in LF alone');
    assert.ok(violation instanceof Error);
    assert.equal(violation.name, 'Violation');
    assert.equal(violation.code, 'http.bare-lf');
    assert.equal(violation.side, 'client');
    assert.equal(violation.message, 'A line ends in LF alone');
  });
});

describe('PolicyFault', () => {
  it('keeps its cause', () => {
    const cause = new Error('no database');
    const fault = new PolicyFault('policy.function-failed', 'The check failed', cause);
    assert.equal(fault.cause, cause);
    assert.equal(fault.name, 'PolicyFault');
  });

  it('tells a function that fails from one that answers nonsense', () => {
    const failed = new PolicyFault('policy.function-failed', 'The check failed');
    const nonsense = new PolicyFault('policy.invalid-result', 'The check returned 7');
    assert.equal(failed.verdict, 'aborted-by-policy-action');
    assert.equal(nonsense.verdict, 'invalid-policy-call');
  });
});
