import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { at, idleProxy } from '../../test/support/policy-samples.ts';
import type { ConnectionFacts } from './decide.ts';
import { decide } from './decide.ts';
import { definePolicy } from './define-policy.ts';
import type { ExplainedDecision } from './explain.ts';
import { explainDecision } from './explain.ts';
import { csZoneListener, listener } from './listener.ts';
import type { Router } from './router.ts';
import { directedRouter, inbandRouter } from './router.ts';
import { service } from './service.ts';
import { zone } from './zone.ts';

const web = service('web', { proxy: idleProxy() });
const inside = zone('inside', { subnets: ['10.0.0.0/8'], outboundServices: [web] });
const outside = zone('outside', { subnets: ['0.0.0.0/0'], inboundServices: [web] });
const doors = csZoneListener('192.0.2.1:80', {
  services: [
    { from: inside, to: outside, service: web },
    { from: outside, to: inside, service: web },
  ],
});
const policy = definePolicy({ zones: [inside, outside], listeners: [doors] });

function explain(client: string, connect?: ConnectionFacts['connect']): ExplainedDecision {
  const facts = { instance: 'zorp', listener: doors, connect };
  return explainDecision(
    decide(policy, { ...facts, client: at(client), local: at('192.0.2.80:80') }),
  );
}

describe('explainDecision()', () => {
  it('is plain data that survives JSON', () => {
    for (const client of ['10.0.0.1:5', '192.0.2.9:5']) {
      const explained = explain(client, {});
      assert.deepEqual(JSON.parse(JSON.stringify(explained)), explained);
    }
  });

  it('names what was decided', () => {
    const { steps, ...rest } = explain('10.0.0.1:5', {});
    assert.deepEqual(rest, {
      outcome: 'permitted',
      verdict: 'accepted',
      reason: 'permitted',
      message: 'Clients in zone inside may use service web to reach 192.0.2.80:80 in zone outside',
      service: 'web',
      listener: '192.0.2.1:80',
      rule: null,
      clientZone: 'inside',
      serverZone: 'outside',
      server: '192.0.2.80:80',
    });
    const [first] = steps;
    assert.match(first?.source ?? '', /^\/.*explain\.test\.ts:\d+$/);
    assert.deepEqual(
      { ...first, source: null },
      {
        check: 'listener',
        outcome: 'chosen',
        kind: 'listener',
        name: '192.0.2.1:80',
        source: null,
        because: 'it accepted the connection',
        value: null,
        rule: null,
      },
    );
  });

  it('says only what is known before the server is', () => {
    const { message, server, serverZone } = explain('10.0.0.1:5');
    assert.equal(message, 'Clients in zone inside may use service web');
    assert.deepEqual([server, serverZone], [null, null]);
  });

  it('says where a further proxy is never reached', () => {
    const messageOf = (router: Router): string => {
      const far = service('far', { proxy: idleProxy({ hasParent: true }), router });
      const all = zone('all', { subnets: ['0.0.0.0/0'], outboundServices: [far] });
      const door = listener('192.0.2.1:3128', far);
      const own = definePolicy({ zones: [all], listeners: [door] });
      const ends = { client: at('10.0.0.1:5'), local: at('192.0.2.1:3128') };
      return explainDecision(decide(own, { instance: 'zorp', listener: door, ...ends })).message;
    };
    const permitted = 'Clients in zone all may use service far';
    assert.equal(
      messageOf(directedRouter({ destination: '192.0.2.9:3128' })),
      `${permitted}; but its router leads past its parentProxy, and requests for that are refused`,
    );
    assert.equal(messageOf(inbandRouter()), permitted);
  });

  it('carries the words of a refusal', () => {
    const { outcome, verdict, reason, message, service: name } = explain('192.0.2.9:5');
    assert.deepEqual([outcome, verdict, name], ['refused', 'denied-by-policy', null]);
    assert.deepEqual(
      [reason, message],
      ['listener.no-service', 'The listener has no service for these zones'],
    );
  });
});
