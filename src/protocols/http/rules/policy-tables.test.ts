import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { abort, accept, reject } from '../../../proxy/policy-action.ts';
import { ruleForMethod, responseRuleFor } from './policy-tables.ts';

describe('ruleForMethod()', () => {
  it('finds the method, then *, as they are written', () => {
    const rules = { GET: accept(), '*': reject() };
    assert.equal(ruleForMethod(rules, 'GET'), accept());
    assert.equal(ruleForMethod(rules, 'get'), rules['*']);
    assert.equal(ruleForMethod({}, 'constructor'), undefined);
    assert.equal(ruleForMethod({}, '__proto__'), undefined);
  });
});

describe('responseRuleFor()', () => {
  it('goes from the specific to the general', () => {
    const names = ['m404', 'm40', 'm4', 'm*', '*404', '*40', '*4', '**'];
    const levels = names.map((name) => abort(name));
    const keys = ['404', '40', '4', '*'];
    for (let from = 0; from < names.length; from++) {
      const pick = (offset: number) =>
        Object.fromEntries(
          keys.flatMap((key, index) => {
            const rule = levels[offset + index];
            return offset + index < from || rule === undefined ? [] : [[key, rule]];
          }),
        );
      assert.equal(responseRuleFor({ GET: pick(0), '*': pick(4) }, 'GET', 404), levels[from]);
    }
    assert.equal(responseRuleFor({}, 'GET', 404), undefined);
    assert.equal(responseRuleFor({ '*': { '5': reject() } }, 'GET', 404), undefined);
  });
});
