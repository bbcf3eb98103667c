import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PolicyFault, Violation } from '../../proxy/violation.ts';
import { problemOf, problemOfFailure } from './problem.ts';

describe('problemOf()', () => {
  for (const [code, side, status] of [
    ['http.bad-host', 'client', 400],
    ['http.request-timeout', 'client', 408],
    ['http.body-too-long', 'client', 413],
    ['http.url-too-long', 'client', 414],
    ['http.bad-expect', 'client', 417],
    ['http.too-many-fields', 'client', 431],
    ['http.bad-transfer-coding', 'client', 501],
    ['http.bad-version', 'client', 505],
    ['http.bad-host', 'server', 502],
    ['http.bad-transfer-coding', 'server', 502],
    ['http.response-timeout', 'server', 504],
  ] as const)
    it(`answers ${code} of the ${side} with ${status}`, () => {
      const problem = problemOf(new Violation(code, side, 'x'));
      const isTimeout = status === 504;
      const verdict = isTimeout ? 'denied-by-connection-fail' : 'denied-by-policy';
      assert.deepEqual([problem.status, problem.verdict], [status, verdict]);
    });

  it('keeps the inside of the policy from the client', () => {
    const problem = problemOf(new PolicyFault('policy.invalid-result', 'secret'));
    assert.deepEqual([problem.status, problem.verdict], [500, 'invalid-policy-call']);
    assert.doesNotMatch(problem.message, /secret/);
  });
});

describe('problemOfFailure()', () => {
  for (const [verdict, reason, status] of [
    ['denied-by-connection-fail', 'connect.refused', 502],
    ['denied-by-connection-fail', 'resolve.timeout', 504],
    ['denied-by-connection-fail', 'connect.timeout', 504],
    ['denied-by-limit', 'x', 503],
    ['denied-by-policy', 'x', 403],
    ['aborted-by-policy-action', 'x', 403],
  ] as const)
    it(`answers ${reason} (${verdict}) with ${status}`, () => {
      assert.equal(problemOfFailure({ verdict, reason, message: 'x' }).status, status);
    });
});
