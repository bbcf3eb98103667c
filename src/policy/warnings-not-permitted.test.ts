import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { idleProxy } from '../../test/support/policy-samples.ts';
import { warningsOf } from '../../test/support/policy-warnings.ts';
import { accept, reject } from '../proxy/policy-action.ts';
import { httpProxy, redirect } from '../protocols/http/index.ts';
import { listener, zoneListener } from './listener.ts';
import type { Listener } from './make-listener.ts';
import { staticNat } from './nat-addresses.ts';
import { directedRouter, inbandRouter } from './router.ts';
import { ruleListener } from './rule-listener.ts';
import { rule } from './rule.ts';
import type { ServiceOptions } from './service.ts';
import { denyService, service } from './service.ts';
import { notPermittedWarnings } from './warnings-not-permitted.ts';
import type { Zone, ZoneOptions } from './zone.ts';
import { zone } from './zone.ts';

const web = service('web', { proxy: idleProxy(), router: inbandRouter() });
const door = listener('192.0.2.1:3128', web);
const both = { outboundServices: [web], inboundServices: [web] };

function inside(options: ZoneOptions): Zone {
  return zone('inside', { subnets: ['10.0.0.0/8'], ...options });
}

function found(zones: readonly Zone[], listeners: readonly Listener[] = [door]): readonly string[] {
  return warningsOf(notPermittedWarnings, { zones, listeners });
}

/** What is told of the servers of a service that every client may use. */
function told(options: Partial<ServiceOptions>, inbound: ZoneOptions = {}): readonly string[] {
  const made = service('made', { proxy: idleProxy(), ...options });
  const all = zone('all', { subnets: ['0.0.0.0/0'], outboundServices: [made] });
  const zones = [all, inside({ inboundServices: [made], ...inbound })];
  return found(zones, [listener('192.0.2.1:3128', made)]);
}

const NO_CLIENTS =
  'service.no-clients service "web" refuses all clients: no zone has it in its outboundServices';
const NO_SERVERS =
  'service.no-servers service "web" reaches no server: no zone has it in its inboundServices';

describe('notPermittedWarnings()', () => {
  it('finds services that no list has', () => {
    assert.deepEqual(found([inside({})]), [NO_CLIENTS, NO_SERVERS]);
    assert.deepEqual(found([inside({ inboundServices: [web] })]), [NO_CLIENTS]);
    assert.deepEqual(found([inside({ outboundServices: ['*'] })]), [NO_SERVERS]);
    const lines = zoneListener('192.0.2.1:1', { services: [{ from: '*', service: web }] });
    assert.deepEqual(found([inside({})], [lines]), [NO_CLIENTS, NO_SERVERS]);
  });

  it('has nothing against what a list has, by name or not, or a list of a parent', () => {
    for (const list of [[web], ['*'], () => [web]] as const)
      assert.deepEqual(found([inside({ outboundServices: list, inboundServices: list })]), []);
    const top = zone('top', both);
    assert.deepEqual(found([top, inside({ parent: top })]), []);
    assert.deepEqual(found([zone('host', { hostnames: ['a.example'], ...both })]), []);
  });

  it('does not count lists that no address has', () => {
    const top = zone('top', both);
    assert.deepEqual(found([top, inside({ parent: top, umbrella: true })]), [
      NO_CLIENTS,
      NO_SERVERS,
    ]);
    const below = { parent: top, outboundServices: [] };
    assert.deepEqual(found([top, inside(below)]), [NO_CLIENTS]);
  });

  it('leaves to others what rules start, what is only stacked, and what refuses', () => {
    const zones = [inside({})];
    const rules = [rule({ service: web })];
    const listeners = [door, ruleListener('192.0.2.1:1')];
    assert.deepEqual(warningsOf(notPermittedWarnings, { zones, rules, listeners }), []);
    assert.deepEqual(found(zones, [listener('192.0.2.1:1', denyService('no'))]), []);
    const outer = service('outer', { proxy: idleProxy({ stacks: [web] }), router: inbandRouter() });
    const all = { outboundServices: [outer], inboundServices: [outer] };
    assert.deepEqual(found([inside(all)], [listener('192.0.2.1:1', outer)]), []);
  });

  it('knows who reaches a listener on loopback addresses', () => {
    const local = [listener(['127.0.0.1:1', '[::1]:1'], web)];
    const own = zone('own', { subnets: ['127.0.0.0/8'], inboundServices: [web] });
    const rest = zone('rest', { subnets: ['0.0.0.0/0', '::/0'], outboundServices: [web] });
    assert.deepEqual(found([own, rest], local), []); // ::1 is in rest
    const lone = [listener('127.0.0.1:1', web)];
    assert.deepEqual(found([own, rest], lone), [
      'service.no-clients service "web" refuses all clients: its listeners are on loopback addresses, and no zone of these has it in its outboundServices',
    ]);
    const wide = zone('wide', { subnets: ['0.0.0.0/0'], ...both });
    assert.deepEqual(found([wide], lone), []);
    const narrow = zone('narrow', { subnets: ['127.0.0.9'], outboundServices: [web] });
    assert.deepEqual(found([own, narrow], lone), []);
    assert.deepEqual(found([own, zone('host', { hostnames: ['a.example'], ...both })], lone), []);
  });

  it('does not take for local what comes through others', () => {
    const zones = [inside(both)];
    const proxyProtocol = { from: ['127.0.0.1'] };
    for (const options of [{ transparent: true }, { proxyProtocol }])
      assert.deepEqual(found(zones, [listener('127.0.0.1:1', web, options)]), []);
    const two = [listener('127.0.0.1:1', web), listener('192.0.2.1:1', web)];
    assert.deepEqual(found(zones, two), []);
  });

  it('knows the servers of a router, and of a limit', () => {
    const past = directedRouter({ destination: ['192.0.2.1:80', '192.0.2.2:80'] });
    assert.deepEqual(told({ router: past }), [
      'service.no-servers service "made" reaches no server: no zone of what its router leads to has it in its inboundServices',
    ]);
    const right = directedRouter({ destination: ['192.0.2.1:80', '10.0.0.1:80'] });
    const open = directedRouter({ destination: '192.0.2.1:80', overrideable: true });
    for (const router of [right, open, inbandRouter()]) assert.deepEqual(told({ router }), []);
    assert.deepEqual(told({ router: past, dnat: staticNat({ address: '10.0.0.1:80' }) }), []);
    assert.deepEqual(told({ router: past }, { hostnames: ['a.example'] }), []);
  });

  it('knows the zones to which a service is limited', () => {
    const dmz = zone('dmz', { subnets: ['192.0.2.0/24'] });
    const limited = service('limited', { proxy: idleProxy(), limitTargetZonesTo: [dmz] });
    const lists = { outboundServices: [limited], inboundServices: [limited] };
    const listeners = [listener('192.0.2.1:3128', limited)];
    const line = 'no zone to which it is limited has it in its inboundServices';
    assert.deepEqual(found([dmz, inside(lists)], listeners), [
      `service.no-servers service "limited" reaches no server: ${line}`,
    ]);
    const below = zone('below', { subnets: ['10.0.0.0/8'], parent: dmz, ...lists });
    assert.deepEqual(found([dmz, below], listeners), []);
  });

  it('has nothing against proxies that need no server', () => {
    const none = { inboundServices: [] };
    const alone = [
      { '*': redirect('https://www.example/') },
      { GET: () => redirect('https://www.example/'), '*': reject() },
    ];
    for (const request of alone)
      assert.deepEqual(told({ proxy: httpProxy({ request }) }, none), []);
    const [line = ''] = told({ proxy: httpProxy({ request: { GET: accept() } }) }, none);
    assert.match(line, /^service\.no-servers /);
  });
});
