import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { idleProxy } from '../../test/support/policy-samples.ts';
import { decideStack } from './decide-stack.ts';
import { definePolicy } from './define-policy.ts';
import { listener } from './listener.ts';
import { denyService, service } from './service.ts';
import type { Zone } from './zone.ts';
import { zone } from './zone.ts';

const inner = service('inner', { proxy: idleProxy() });
const limited = service('limited', { proxy: idleProxy(), limitTargetZonesTo: () => [inside] });
const no = denyService('no');
const outer = service('outer', { proxy: idleProxy({ stacks: [inner, limited] }) });
const inside = zone('inside', {
  subnets: ['10.0.0.0/8'],
  outboundServices: [outer, inner, limited, no],
});
const outside = zone('outside', {
  subnets: ['0.0.0.0/0'],
  inboundServices: [outer, inner, limited],
});
const policy = definePolicy({
  zones: [inside, outside],
  listeners: [listener('127.0.0.1:80', outer)],
});

/** The service, or the reason of the failure, and the checks that were made. */
function ask(name: string, clientZone?: Zone, serverZone?: Zone): readonly unknown[] {
  const decision = decideStack(policy, { name, clientZone, serverZone, startedBy: 'listener' });
  const result = decision.ok ? decision.service : decision.failure.reason;
  return [result, decision.trace.map(({ check, outcome }) => `${check} ${outcome}`)];
}

describe('decideStack()', () => {
  it('permits a service that both zones permit', () => {
    assert.deepEqual(ask('inner', inside, outside), [
      inner,
      ['service chosen', 'outbound-services passed', 'inbound-services passed'],
    ]);
  });

  it('refuses it where one of the zones does not, or the service is limited to others', () => {
    assert.equal(ask('inner', outside, outside)[0], 'access.outbound');
    assert.equal(ask('inner', inside, inside)[0], 'access.inbound');
    assert.equal(ask('limited', inside, outside)[0], 'access.target-zones');
  });

  it('refuses what is no service that runs, and zones that are not known', () => {
    const refused = [
      ask('none', inside, outside),
      ask('inner', undefined, outside),
      ask('inner', inside, undefined),
    ];
    for (const result of refused) assert.deepEqual(result, ['access.stack', []]);
  });

  it('refuses by the name of a service that refuses, whatever the zones are', () => {
    for (const [from, to] of [
      [inside, outside],
      [undefined, undefined],
    ] as const)
      assert.deepEqual(ask('no', from, to), ['service.denied', []]);
  });
});
