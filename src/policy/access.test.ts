import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { idleProxy } from '../../test/support/policy-samples.ts';
import { checkAccess, checkTargetZones } from './access.ts';
import type { Direction, StartedBy } from './access.ts';
import { definePolicy } from './define-policy.ts';
import { listener } from './listener.ts';
import type { Policy } from './policy.ts';
import { denyService, service } from './service.ts';
import type { TraceStep } from './trace.ts';
import type { Zone } from './zone.ts';
import { zone } from './zone.ts';

const proxy = idleProxy();
const web = service('web', { proxy });
const mail = service('mail', { proxy });
const no = denyService('no');

function policyOf(...zones: readonly Zone[]): Policy {
  return definePolicy({ zones, listeners: [listener('127.0.0.1:80', web)] });
}

/** The reason code, or `passed`, and every step that led to it. */
function ask(
  policy: Policy,
  direction: Direction,
  asked: Zone | undefined,
  startedBy: StartedBy = 'listener',
): readonly [string, string[]] {
  const trace: TraceStep[] = [];
  const question = { direction, zone: asked, service: web, startedBy };
  const refusal = checkAccess(policy, question, trace);
  return [refusal?.reason ?? 'passed', trace.map(showStep)];
}

function showStep({ check, outcome, subject, because }: TraceStep): string {
  const name = subject !== undefined && 'name' in subject ? String(subject.name) : '-';
  return `${check} ${outcome} ${name}: ${because}`;
}

describe('checkAccess()', () => {
  it('permits what the own list of a zone names, or all with "*"', () => {
    const named = zone('named', { subnets: [], outboundServices: [mail, web] });
    const all = zone('all', { subnets: [], outboundServices: ['*'] });
    const policy = policyOf(named, all);
    assert.deepEqual(ask(policy, 'outbound', named), [
      'passed',
      ['outbound-services passed named: its list permits the service'],
    ]);
    assert.equal(ask(policy, 'outbound', all)[0], 'passed');
  });

  it('keeps the two directions apart', () => {
    const both = zone('both', { subnets: [], outboundServices: [web], inboundServices: [mail] });
    const policy = policyOf(both);
    assert.equal(ask(policy, 'outbound', both)[0], 'passed');
    assert.deepEqual(ask(policy, 'inbound', both), [
      'access.inbound',
      ['inbound-services refused both: its list does not name the service'],
    ]);
  });

  it('lets a declared list bind, even an empty one, whatever the ancestors permit', () => {
    const parent = zone('parent', { subnets: [], outboundServices: ['*'] });
    const other = zone('other', { subnets: [], parent, outboundServices: [mail, no] });
    const empty = zone('empty', { subnets: [], parent, outboundServices: [] });
    const policy = policyOf(parent, other, empty);
    for (const asked of [other, empty])
      assert.equal(ask(policy, 'outbound', asked)[0], 'access.outbound');
  });

  it('inherits over several generations, from the nearest that declares a list', () => {
    const root = zone('root', { subnets: [], inboundServices: [] });
    const parent = zone('parent', { subnets: [], parent: root, inboundServices: [web] });
    const child = zone('child', { subnets: [], parent });
    const grandchild = zone('grandchild', { subnets: [], parent: child });
    assert.deepEqual(ask(policyOf(root, parent, child, grandchild), 'inbound', grandchild), [
      'passed',
      [
        'inbound-services inherited grandchild: it declares no list',
        'inbound-services inherited child: it declares no list',
        'inbound-services passed parent: its list permits the service',
      ],
    ]);
  });

  it('inherits nothing into or through an umbrella zone', () => {
    const root = zone('root', { subnets: [], outboundServices: ['*'], inboundServices: ['*'] });
    const umbrella = zone('umbrella', {
      subnets: [],
      parent: root,
      umbrella: true,
      inboundServices: [web],
    });
    const child = zone('child', { subnets: [], parent: umbrella });
    const policy = policyOf(root, umbrella, child);
    assert.deepEqual(ask(policy, 'outbound', child), [
      'access.outbound',
      [
        'outbound-services inherited child: it declares no list',
        'outbound-services refused umbrella: it declares no list, and an umbrella zone inherits none',
      ],
    ]);
    assert.equal(ask(policy, 'inbound', child)[0], 'passed');
  });

  it('permits nothing at the end of the chain', () => {
    const root = zone('root', { subnets: [] });
    const child = zone('child', { subnets: [], parent: root });
    assert.deepEqual(ask(policyOf(root, child), 'outbound', child), [
      'access.outbound',
      [
        'outbound-services inherited child: it declares no list',
        'outbound-services refused root: it declares no list, and there is no parent',
      ],
    ]);
  });

  it('refuses with a message that names zone and service', () => {
    const lonely = zone('lonely', { subnets: [] });
    const policy = policyOf(lonely);
    const messages = (['outbound', 'inbound'] as const).map(
      (direction) =>
        checkAccess(policy, { direction, zone: lonely, service: web, startedBy: 'listener' }, [])
          ?.message,
    );
    assert.deepEqual(messages, [
      'Clients in zone lonely may not use service web',
      'Service web may not reach servers in zone lonely',
    ]);
  });
});

describe('checkAccess() for the service of a rule', () => {
  const root = zone('root', { subnets: [] });
  const open = zone('open', { subnets: [], parent: root });
  const shut = zone('shut', { subnets: [], outboundServices: [mail] });
  const below = zone('below', { subnets: [], parent: shut });
  const policy = policyOf(root, open, shut, below);

  it('permits it where no zone declares a list', () => {
    assert.deepEqual(ask(policy, 'outbound', open, 'rule'), [
      'passed',
      [
        'outbound-services inherited open: it declares no list',
        'outbound-services passed root: no zone declares a list, and the rule permits it',
      ],
    ]);
  });

  it('is bound by a list that a zone declares or inherits', () => {
    assert.equal(ask(policy, 'outbound', shut, 'rule')[0], 'access.outbound');
    assert.equal(ask(policy, 'outbound', below, 'rule')[0], 'access.outbound');
  });

  it('needs no zone, as that of a listener does', () => {
    assert.deepEqual(ask(policy, 'inbound', undefined, 'rule'), ['passed', []]);
    assert.equal(ask(policy, 'inbound', undefined, 'listener')[0], 'zone.server-unknown');
    assert.equal(ask(policy, 'outbound', undefined, 'listener')[0], 'zone.client-unknown');
  });
});

describe('checkTargetZones()', () => {
  const dmz = zone('dmz', { subnets: [] });
  const webservers = zone('webservers', { subnets: [], parent: dmz });
  const internet = zone('internet', { subnets: [] });
  const limited = service('limited', { proxy, limitTargetZonesTo: () => [dmz] });
  const listeners = [listener('127.0.0.1:80', limited)];
  const policy = definePolicy({ zones: [dmz, webservers, internet], listeners });

  it('permits the zones of the list and those below them', () => {
    for (const asked of [dmz, webservers]) {
      const trace: TraceStep[] = [];
      assert.equal(checkTargetZones(policy, asked, limited, trace), undefined);
      assert.deepEqual(trace.map(showStep), [
        'target-zones passed dmz: the service is limited to it',
      ]);
    }
  });

  it('refuses others', () => {
    const trace: TraceStep[] = [];
    const refusal = checkTargetZones(policy, internet, limited, trace);
    assert.deepEqual(refusal, {
      reason: 'access.target-zones',
      verdict: 'denied-by-policy',
      message: 'Service limited may not reach servers in zone internet',
    });
    assert.deepEqual(trace.map(showStep), [
      'target-zones refused limited: it is limited to zones that the server is not in',
    ]);
  });

  it('refuses a server that is in no zone', () => {
    const refusal = checkTargetZones(policy, undefined, limited, []);
    assert.equal(refusal?.message, 'Service limited may not reach servers in no zone');
  });

  it('says nothing of services without a limit', () => {
    const trace: TraceStep[] = [];
    assert.equal(checkTargetZones(policy, internet, web, trace), undefined);
    assert.deepEqual(trace, []);
  });
});
