import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { idleProxy } from '../../test/support/policy-samples.ts';
import { warningsOf } from '../../test/support/policy-warnings.ts';
import type { PolicyOptions } from './define-policy.ts';
import { definePolicy } from './define-policy.ts';
import { listener, zoneListener } from './listener.ts';
import { ruleListener } from './rule-listener.ts';
import { directedRouter, inbandRouter } from './router.ts';
import { rule } from './rule.ts';
import { denyService, service } from './service.ts';
import { zoneWarnings } from './warnings-zones.ts';
import type { Zone, ZoneOptions } from './zone.ts';
import { zone } from './zone.ts';

const web = service('web', { proxy: idleProxy() });
const no = denyService('no');
const plain = listener('127.0.0.1:1', web);

/** The codes of the warnings, each with the zone that it is about. */
function found(
  zones: readonly Zone[],
  more: Partial<PolicyOptions> = {},
): readonly (string | undefined)[] {
  const options = { listeners: [plain], ...more, zones } as PolicyOptions;
  return warningsOf(zoneWarnings, options).map(
    (line) => /^[a-z.]+ zone "[a-z]+"(?:: \w+)?/.exec(line)?.[0],
  );
}

function inside(options: ZoneOptions = {}): Zone {
  return zone('inside', { subnets: ['10.0.0.0/8'], ...options });
}

describe('zoneWarnings() of zones', () => {
  it('finds zones in which no address ever is', () => {
    const top = zone('top', { outboundServices: [web] });
    const low = zone('low', { parent: top });
    assert.deepEqual(found([top, low]), ['zone.empty zone "top"', 'zone.empty zone "low"']);
    assert.deepEqual(found([top, inside({ parent: top })]), []);
    assert.deepEqual(found([zone('host', { hostnames: ['a.example'] })]), []);
  });

  it('finds zones that change nothing', () => {
    assert.deepEqual(found([inside()]), ['zone.unused zone "inside"']);
    const rules = { rules: [rule({ service: web })], listeners: [ruleListener('127.0.0.1:1')] };
    assert.deepEqual(found([inside()], rules), ['zone.unused zone "inside"']);
  });

  it('has nothing against zones that are named, or below one that is', () => {
    const top = inside();
    const low = zone('low', { subnets: ['192.0.2.0/24'], parent: top });
    const both = [top, low];
    const listeners = [ruleListener('127.0.0.1:1')];
    assert.deepEqual(found(both, { rules: [rule({ from: top, service: web })], listeners }), []);
    assert.deepEqual(found(both, { rules: [rule({ to: top, service: web })], listeners }), []);
    const lines = [{ from: top, service: web }];
    assert.deepEqual(
      found(both, { listeners: [zoneListener('127.0.0.1:1', { services: lines })] }),
      [],
    );
    const limited = service('limited', { proxy: idleProxy(), limitTargetZonesTo: [top] });
    assert.deepEqual(found(both, { listeners: [listener('127.0.0.1:1', limited)] }), []);
  });

  it('has nothing against the zone of a server that a router names', () => {
    const router = directedRouter({ destination: '10.0.0.80:80' });
    const served = listener('127.0.0.1:1', service('served', { proxy: idleProxy(), router }));
    assert.deepEqual(found([inside()], { listeners: [served] }), []);
  });

  it('has nothing against a zone that takes addresses out of another', () => {
    const wide = zone('wide', { subnets: ['0.0.0.0/0'], inboundServices: [web] });
    assert.deepEqual(found([wide, inside()]), []);
  });

  it('counts what a destination guard opens as named', () => {
    const own = zone('own', { subnets: ['127.0.0.0/8'] });
    assert.deepEqual(found([own]), ['zone.unused zone "own"']);
    const router = inbandRouter();
    const destinationGuard = { permit: [own] };
    const guarded = service('guarded', { proxy: idleProxy(), router, destinationGuard });
    assert.deepEqual(found([own], { listeners: [listener('127.0.0.1:1', guarded)] }), []);
  });
});

describe('zoneWarnings() of lists', () => {
  it('finds lists that permit nothing, for either direction', () => {
    const lists = { outboundServices: [], inboundServices: [no] };
    assert.deepEqual(found([inside(lists)]), [
      'list.empty zone "inside": outboundServices',
      'list.empty zone "inside": inboundServices',
    ]);
    assert.deepEqual(found([inside({ outboundServices: () => [] })]), [
      'list.empty zone "inside": outboundServices',
    ]);
  });

  it('has nothing against one that cuts off what the parent permits', () => {
    const top = zone('top', { subnets: ['10.0.0.0/9'], outboundServices: [web] });
    const below = { parent: top, outboundServices: [] };
    assert.deepEqual(found([top, inside(below)]), []);
    const umbrella = inside({ ...below, umbrella: true });
    assert.deepEqual(found([top, umbrella]), ['list.empty zone "inside": outboundServices']);
    const barren = zone('top', { subnets: ['10.0.0.0/9'], inboundServices: [web] });
    assert.deepEqual(found([barren, inside({ ...below, parent: barren })]), [
      'list.empty zone "inside": outboundServices',
    ]);
  });

  it('has nothing against lists that permit something', () => {
    const lists = { outboundServices: ['*'], inboundServices: [no, web] } as const;
    assert.deepEqual(found([inside(lists)]), []);
  });

  it('does not say that a zone without a list is closed where rules are asked', () => {
    const zones = [inside({ outboundServices: [] })];
    const [strict] = zoneWarnings(definePolicy({ zones, listeners: [plain] }));
    assert.match(strict?.cure ?? '', /a zone without a list permits nothing$/);
    const rules = [rule({ service: web })];
    const listeners = [ruleListener('127.0.0.1:1')];
    const [open] = zoneWarnings(definePolicy({ zones, rules, listeners }));
    assert.match(open?.cure ?? '', /then it is for the rules to say/);
  });
});
