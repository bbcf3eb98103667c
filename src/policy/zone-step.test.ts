import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { IpAddress } from '../address/ip-address.ts';
import { Subnet } from '../address/subnet.ts';
import { at, idleProxy } from '../../test/support/policy-samples.ts';
import { definePolicy } from './define-policy.ts';
import { HostAddress } from './host-address.ts';
import { listener } from './listener.ts';
import { withHostAddresses } from './policy.ts';
import { service } from './service.ts';
import type { TraceStep } from './trace.ts';
import { UNTRACED } from './trace.ts';
import { matchZone } from './zone-step.ts';
import { zone } from './zone.ts';

const wide = zone('wide', { subnets: ['10.0.0.0/8', '10.1.2.0/24'] });
const narrow = zone('narrow', { subnets: ['10.1.0.0/16'] });
const listeners = [listener('127.0.0.1:80', service('web', { proxy: idleProxy() }))];
const policy = definePolicy({ zones: [wide, narrow], listeners });

const CLIENT = { check: 'client-zone', whenUnknown: 'refused' } as const;
const SERVER = { check: 'server-zone', whenUnknown: 'refused' } as const;

describe('matchZone()', () => {
  it('finds the zone, and traces the subnet that won and those that lost', () => {
    const trace: TraceStep[] = [];
    const match = matchZone(policy, at('10.1.2.3:1'), CLIENT, trace);
    assert.deepEqual([match?.value, String(match?.subnet)], [wide, '10.1.2.0/24']);
    assert.deepEqual(
      trace.map(({ outcome, subject, value }) => [
        outcome,
        subject,
        value instanceof Subnet && value.toString(),
      ]),
      [
        ['chosen', wide, '10.1.2.0/24'],
        ['lost', narrow, '10.1.0.0/16'],
        ['lost', wide, '10.0.0.0/8'],
      ],
    );
  });

  it('finds the same zone where nobody reads how', () => {
    const www = zone('www', { hostnames: ['www.example.org'] });
    const hosts = new Map([['www.example.org', [at('10.1.2.3:1').address]]]);
    const named = withHostAddresses(definePolicy({ zones: [wide, narrow, www], listeners }), hosts);
    for (const one of [policy, named]) {
      for (const address of ['10.1.2.3:1', '10.1.2.4:1', '10.1.9.9:1', '10.9.9.9:1', '[::1]:1']) {
        const traced = matchZone(one, at(address), CLIENT, []);
        assert.deepEqual(matchZone(one, at(address), CLIENT, UNTRACED), traced, address);
      }
    }
  });

  it('traces that no zone has an address', () => {
    const trace: TraceStep[] = [];
    assert.equal(matchZone(policy, at('[::1]:1'), SERVER, trace), undefined);
    const [step] = trace;
    assert.ok(step?.value instanceof IpAddress);
    assert.deepEqual(
      [step.check, step.outcome, step.value.toString()],
      ['server-zone', 'refused', '::1'],
    );
  });

  it('traces the host whose address won, and the subnets that lost', () => {
    const www = zone('www', { hostnames: ['www.example.org'] });
    const hosts = new Map([['www.example.org', [at('10.1.2.3:1').address]]]);
    const named = withHostAddresses(definePolicy({ zones: [wide, www], listeners }), hosts);
    const trace: TraceStep[] = [];
    const match = matchZone(named, at('10.1.2.3:1'), SERVER, trace);
    assert.deepEqual([match?.value, String(match?.subnet)], [www, '10.1.2.3/32']);
    assert.deepEqual(
      trace.map(({ outcome, subject, because }) => [outcome, subject, because]),
      [
        ['chosen', www, 'its host name has the address'],
        ['lost', wide, 'an address of a host name wins'],
        ['lost', wide, 'an address of a host name wins'],
      ],
    );
    const value = trace[0]?.value;
    assert.equal(value instanceof HostAddress && String(value), 'www.example.org is 10.1.2.3');
    const other: TraceStep[] = [];
    assert.equal(matchZone(named, at('10.1.2.4:1'), SERVER, other)?.value, wide);
  });

  it('says of a zone that is not needed that it was skipped', () => {
    const trace: TraceStep[] = [];
    const question = { check: 'destination-zone', whenUnknown: 'skipped' } as const;
    matchZone(policy, at('[::1]:1'), question, trace);
    assert.equal(trace[0]?.outcome, 'skipped');
  });
});
