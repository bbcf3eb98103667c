import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultLines, idleProxy, wrong } from '../../test/support/policy-samples.ts';
import type { PolicyOptions } from './define-policy.ts';
import { definePolicy } from './define-policy.ts';
import { listener } from './listener.ts';
import { service } from './service.ts';
import { zone } from './zone.ts';

const web = service('web', { proxy: idleProxy() });
const listeners = [listener('127.0.0.1:80', web)];

describe('definePolicy() with lists', () => {
  const make = (...zones: PolicyOptions['zones']): PolicyOptions => ({ zones, listeners });

  const thunks: [what: string, list: () => unknown, value: string][] = [
    [
      'throws',
      () => {
        throw new ReferenceError('too early');
      },
      '"ReferenceError: too early"',
    ],
    ['returns no list', () => web, '"web"'],
    ['returns wrong members', () => [web, 'mail'], '"mail"'],
    ['names a service twice', () => [web, web], '["web", "web"]'],
  ];
  for (const [what, list, value] of thunks) {
    it(`refuses a list whose function ${what}`, () => {
      const lazy = zone('lazy', { subnets: [], inboundServices: wrong(list) });
      assert.deepEqual(faultLines(make(lazy)), [`zone "lazy" inboundServices ${value}`]);
    });
  }
  it('calls the function of a list once', () => {
    let calls = 0;
    const counting = zone('counting', {
      subnets: [],
      outboundServices: () => {
        calls++;
        return [web];
      },
    });
    definePolicy(make(counting));
    assert.equal(calls, 1);
  });

  it('refuses a limit whose function returns no zone', () => {
    const limited = service('limited', { proxy: idleProxy(), limitTargetZonesTo: () => [] });
    const made = listener('127.0.0.1:80', limited);
    assert.deepEqual(faultLines({ zones: [], listeners: [made] }), [
      'service "limited" limitTargetZonesTo []',
    ]);
  });
});
