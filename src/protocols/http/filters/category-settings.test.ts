import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { reject } from '../../../proxy/policy-action.ts';
import { declare, faultsOf } from '../../../proxy/policy-fault.ts';
import type { UrlCategories } from '../../../proxy/url-categories.ts';
import { answer } from '../rules/answer.ts';
import type { HttpOptions } from '../http-options.ts';
import { httpProxy } from '../index.ts';

function factory(): void {
  assert.fail('only its name counts');
}

const CATEGORIES: UrlCategories = declare(
  { kind: 'url-categories', names: ['ads'], has: () => false, placeOf: () => undefined },
  factory,
);

function faults(options: unknown): readonly string[] {
  const given = options as HttpOptions; // what a policy in JavaScript may say
  return faultsOf(httpProxy(given)).map(({ path, cure }) => `${path}: ${cure}`);
}

describe('the settings of categories', () => {
  it('take rules for known categories and for the rest', () => {
    const urlCategory = { ads: reject('No', 451), '*': answer({ status: 410 }) };
    assert.deepEqual(faults({ urlCategories: CATEGORIES, urlCategory }), []);
  });

  it('tell what they cannot take', () => {
    const urlCategories = CATEGORIES;
    assert.deepEqual(faults({ urlCategories, urlCategory: { adds: reject() } }), [
      'urlCategory.adds: name one of the categories of urlCategories (ads), or remove it',
    ]);
    assert.deepEqual(faults({ urlCategory: { ads: reject() } }), [
      'urlCategory.ads: name one of the categories of urlCategories, or remove it',
    ]);
    assert.deepEqual(faults({ urlCategories, urlCategory: { ads: reject('x', 200) } }), [
      'urlCategory.ads: give a status of 400 to 599',
    ]);
    assert.match(String(faults({ urlCategories, urlCategory: { ads: 'no' } })), /give accept\(\)/);
    assert.match(
      String(faults({ urlCategories, urlCategory: { ads: answer({ status: 7 }) } })),
      /200/,
    );
    assert.match(String(faults({ urlCategories: {} })), /made by urlCategories\(/);
    assert.deepEqual(faults({ request: { GET: reject('x', 302) } }), [
      'request.GET: give a status of 400 to 599',
    ]);
  });

  it('refuse with no status that needs a field', () => {
    const cure = 'give answer() for this status, with the field that it needs:';
    const urlCategory = { ads: reject('x', 405) };
    assert.deepEqual(faults({ urlCategories: CATEGORIES, urlCategory }), [
      `urlCategory.ads: ${cure} Allow`,
    ]);
    const request = { GET: reject('x', 401), POST: reject('x', 407), PUT: reject('x', 426) };
    assert.deepEqual(faults({ request }), [
      `request.GET: ${cure} WWW-Authenticate`,
      ...['POST', 'PUT'].map(
        (method) =>
          `request.${method}: give another status: the field that this one needs is written by the proxy itself`,
      ),
    ]);
    const allowed = answer({ status: 405, headers: { Allow: 'GET' } });
    assert.deepEqual(faults({ request: { POST: allowed, PUT: reject('x', 406) } }), []);
  });
});
