import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exchangeOf, httpPlan } from '../../../test/support/http-heads.ts';
import { testContext } from '../../../test/support/playbook.ts';
import { accept } from '../../proxy/policy-action.ts';
import { insert } from './rules/header-action.ts';
import type { HttpOptions } from './http-options.ts';

/** Whether the request is kept for functions that may ask for it later. */
function keepsRequest(options: HttpOptions): boolean {
  const exchange = exchangeOf();
  httpPlan(options).gate.enter(exchange, testContext());
  return exchange.hasPolicyRequest;
}

describe('httpPlanOf()', () => {
  it('keeps requests only where a function asks for them later', () => {
    assert.equal(keepsRequest({}), false);
    assert.equal(keepsRequest({ response: { '*': { '*': accept() } } }), false);
    assert.equal(keepsRequest({ response: { GET: { '4': () => accept() } } }), true);
    assert.equal(keepsRequest({ responseHeader: { A: insert(() => 'x') } }), true);
  });
});
