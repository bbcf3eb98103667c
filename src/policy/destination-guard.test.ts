import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { idleProxy } from '../../test/support/policy-samples.ts';
import { IpAddress } from '../address/ip-address.ts';
import { definePolicy } from './define-policy.ts';
import { askGuard } from './destination-guard.ts';
import type { ServiceOptions } from './service.ts';
import { ruleListener } from './rule-listener.ts';
import { rule } from './rule.ts';
import { inbandRouter } from './router.ts';
import { service } from './service.ts';
import type { ServiceList, Zone } from './zone.ts';
import { zone } from './zone.ts';

const PARTS = { proxy: idleProxy(), router: inbandRouter() };

interface Given {
  readonly subnet: string;
  /** What the service says, of the zone and of the zone above it. */
  readonly options?: (own: Zone, parent: Zone) => Partial<ServiceOptions>;
  readonly inbound?: ServiceList;
}

/** What the guard of a service that a rule starts says of an address, where a zone has a subnet with it. */
function said(text: string, { subnet, options, inbound }: Given): string {
  const parent = zone('parent', inbound === undefined ? {} : { inboundServices: inbound });
  const own = zone('own', { subnets: [subnet], parent });
  const web = service('web', { ...PARTS, ...options?.(own, parent) });
  const listeners = [ruleListener('127.0.0.1:1')];
  const policy = definePolicy({ zones: [parent, own], listeners, rules: [rule({ service: web })] });
  const address = IpAddress.parse(text);
  const match = policy.zoneTree.matches(address)[0];
  const answer = askGuard(policy, { service: web, address, match });
  return answer.refusal?.reason ?? answer.outcome;
}

describe('askGuard()', () => {
  it('lets ordinary addresses pass, and those of documentation, which belong to nobody', () => {
    for (const text of ['8.8.8.8', '2a00::1', '192.0.2.1', '2001:db8::1'])
      assert.equal(said(text, { subnet: '0.0.0.0/0' }), 'passed');
  });

  it('refuses a special address whose zone nothing opens, although a rule starts the service', () => {
    assert.equal(said('10.1.2.3', { subnet: '10.0.0.0/8' }), 'route.private');
    assert.equal(said('10.1.2.3', { subnet: '192.0.2.0/24' }), 'route.private');
    assert.equal(said('127.0.0.1', { subnet: '127.0.0.1' }), 'route.this-machine');
  });

  const openings: readonly (readonly [what: string, opening: Partial<Given>])[] = [
    ['the guard', { options: (own) => ({ destinationGuard: { permit: [own] } }) }],
    [
      'the guard, by a zone above',
      { options: (_, up) => ({ destinationGuard: { permit: [up] } }) },
    ],
    ['the guard, lazily', { options: (own) => ({ destinationGuard: { permit: () => [own] } }) }],
    ['the limit', { options: (own) => ({ limitTargetZonesTo: [own] }) }],
    ['the limit, by a zone above', { options: (_, up) => ({ limitTargetZonesTo: [up] }) }],
    ['an inherited list', { inbound: ['*'] }],
  ];
  for (const [what, opening] of openings)
    it(`takes a zone as opened by ${what}, but for its own kind of addresses only`, () => {
      assert.equal(said('10.1.2.3', { subnet: '10.0.0.0/8', ...opening }), 'passed');
      assert.equal(said('10.1.2.3', { subnet: '10.1.2.0/24', ...opening }), 'passed');
      assert.equal(said('10.1.2.3', { subnet: '0.0.0.0/0', ...opening }), 'route.private');
      assert.equal(said('10.1.2.3', { subnet: '8.0.0.0/5', ...opening }), 'route.private');
      const metadata = '169.254.169.254';
      assert.equal(said(metadata, { subnet: '169.254.0.0/16', ...opening }), 'route.metadata');
      assert.equal(said(metadata, { subnet: metadata, ...opening }), 'passed');
      const nat64 = '64:ff9b::10.1.2.3';
      assert.equal(said(nat64, { subnet: '64:ff9b::/96', ...opening }), 'route.private');
      assert.equal(said(nat64, { subnet: '64:ff9b::10.0.0.0/104', ...opening }), 'passed');
    });

  it('does not take another list for an opening', () => {
    const other = service('other', PARTS);
    assert.equal(said('10.1.2.3', { subnet: '10.0.0.0/8', inbound: [other] }), 'route.private');
    assert.equal(said('10.1.2.3', { subnet: '10.0.0.0/8', inbound: [] }), 'route.private');
  });

  it('lets everything pass where it is off', () => {
    const options = (): Partial<ServiceOptions> => ({ destinationGuard: 'off' });
    assert.equal(said('127.0.0.1', { subnet: '0.0.0.0/0', options }), 'skipped');
  });
});
