// Which policies are kept up to date, and for how long.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeDns } from '../../test/support/fake-dns.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { MemoryLog } from '../../test/support/memory-log.ts';
import { idleProxy } from '../../test/support/policy-samples.ts';
import { untilCollected } from '../../test/support/until-collected.ts';
import { IpAddress } from '../address/ip-address.ts';
import { definePolicy } from '../policy/define-policy.ts';
import { listener } from '../policy/listener.ts';
import { findZone } from '../policy/policy.ts';
import { dnsResolver } from '../policy/resolver.ts';
import { service } from '../policy/service.ts';
import { zone } from '../policy/zone.ts';
import type { Revision } from '../session/connection.ts';
import type { LiveRevision } from '../session/live-revision.ts';
import { FIRST_ANSWERS_MS, LivePolicies } from './live-policies.ts';

const MINUTE = 60_000;
const address = IpAddress.parse('198.51.100.1');

interface World {
  readonly clock: ManualClock;
  readonly dns: FakeDns;
  readonly log: MemoryLog;
  readonly sessions: Set<{ readonly loaded: Revision }>;
  /** How many policies were replaced. */
  readonly replaced: { readonly count: number };
  readonly policies: LivePolicies;
}

function worldOf(): World {
  const [clock, dns, log] = [new ManualClock(), new FakeDns(), new MemoryLog()];
  const sessions: World['sessions'] = new Set();
  const replaced = { count: 0 };
  const options = { clock, dns, log, sessions, replaced: () => (replaced.count += 1) };
  return { clock, dns, log, sessions, replaced, policies: new LivePolicies(options) };
}

/** A policy whose zones have one host name each, asked for IPv4 only. */
function revisionOf(revision: string, ...hosts: readonly string[]): Revision {
  const zones = hosts.map((host, index) => zone(`zone${index}`, { hostnames: [host] }));
  const listeners = [listener('127.0.0.1:80', service('web', { proxy: idleProxy() }))];
  const zoneResolver = dnsResolver({ family: 'ipv4' });
  return { policy: definePolicy({ zones, listeners, zoneResolver }), revision };
}

function zoneIn({ policy }: Revision): string | undefined {
  return findZone(policy, address)?.name;
}

describe('LivePolicies', () => {
  it('prepares a policy with the first answers', async () => {
    const { clock, dns, log, policies } = worldOf();
    assert.throws(() => policies.current, /No policy/);
    const preparing = policies.prepare(revisionOf('a', 'a.example'));
    dns.answer('ipv4 a.example', ['198.51.100.1']);
    const live = await preparing;
    assert.equal(policies.current, live);
    policies.take(live);
    assert.deepEqual([zoneIn(policies.current), policies.current.revision], ['zone0', 'a']);
    assert.deepEqual(log.codes, ['policy.names-changed']);
    clock.advance(MINUTE);
    dns.answer('ipv4 a.example', []);
    assert.equal(zoneIn(policies.current), undefined);
  });

  it('waits for DNS in bounded time, and says which names have no address', async () => {
    const { clock, dns, log, policies } = worldOf();
    const preparing = policies.prepare(revisionOf('a', 'a.example', 'b.example'));
    dns.answer('ipv4 b.example', ['198.51.100.1']);
    clock.advance(FIRST_ANSWERS_MS);
    policies.take(await preparing);
    assert.equal(zoneIn(policies.current), 'zone1');
    const line = log.lines.find(({ code }) => code === 'policy.names-unresolved');
    assert.deepEqual(line?.fields, { count: 1, hosts: 'a.example' });
    dns.answer('ipv4 a.example', ['198.51.100.2']);
    assert.equal(findZone(policies.current.policy, IpAddress.parse('198.51.100.2'))?.name, 'zone0');
  });

  it('retires the policy that another one replaces, and the last one at the end', async () => {
    const { policies, replaced } = worldOf();
    policies.retire();
    const [first, second] = [
      await policies.prepare(revisionOf('a')),
      await policies.prepare(revisionOf('b')),
    ];
    policies.take(first);
    assert.deepEqual([first.isRetired, second.isRetired, replaced.count], [false, false, 0]);
    policies.take(second);
    assert.deepEqual([first.isRetired, second.isRetired, replaced.count], [true, false, 1]);
    policies.retire();
    assert.equal(second.isRetired, true);
  });

  it('keeps older policies up to date as long as they have sessions', async () => {
    const { clock, dns, sessions, policies } = worldOf();
    const first = policies.prepare(revisionOf('a', 'a.example'));
    dns.answer('ipv4 a.example', []);
    const old = await first;
    policies.take(old);
    const session = { loaded: old };
    sessions.add(session);
    const second = policies.prepare(revisionOf('b', 'b.example'));
    dns.answer('ipv4 b.example', []);
    policies.take(await second);
    clock.advance(MINUTE);
    assert.deepEqual(dns.open, ['ipv4 a.example', 'ipv4 b.example']);
    dns.answer('ipv4 a.example', ['198.51.100.1']);
    dns.answer('ipv4 b.example', []);
    assert.deepEqual([zoneIn(old), zoneIn(policies.current)], ['zone0', undefined]);
    sessions.delete(session);
    const third = policies.prepare(revisionOf('c'));
    policies.take(await third);
    assert.deepEqual([clock.armed, dns.open], [0, []]);
  });

  it('lets go of an older policy when its last session is over', async () => {
    const { sessions, policies } = worldOf();
    const beginAndReplace = async (): Promise<WeakRef<LiveRevision>> => {
      const old = await policies.prepare(revisionOf('a'));
      policies.take(old);
      sessions.add({ loaded: old });
      policies.take(await policies.prepare(revisionOf('b')));
      return new WeakRef(old);
    };
    const old = await beginAndReplace();
    sessions.clear();
    await untilCollected(old);
  });

  it('says once what is in no zone', async () => {
    const { clock, dns, log, policies } = worldOf();
    const preparing = policies.prepare(revisionOf('a', 'a.example', 'b.example'));
    dns.answer('ipv4 a.example', ['198.51.100.1', '127.0.0.1']);
    dns.answer('ipv4 b.example', ['198.51.100.1']);
    policies.take(await preparing);
    clock.advance(MINUTE);
    const lines = log.lines.filter(({ code }) => code === 'policy.names-dropped');
    assert.deepEqual(
      lines.map(({ fields }) => `${String(fields?.['host'])} ${String(fields?.['address'])}`),
      ['a.example 127.0.0.1', 'a.example 198.51.100.1', 'b.example 198.51.100.1'],
    );
  });

  it('asks for nothing after a policy was abandoned, or all of them', async () => {
    const { clock, dns, policies } = worldOf();
    const preparing = policies.prepare(revisionOf('a', 'a.example'));
    dns.answer('ipv4 a.example', []);
    policies.abandon(await preparing);
    assert.equal(clock.armed, 0);
    const next = policies.prepare(revisionOf('b', 'b.example'));
    dns.answer('ipv4 b.example', []);
    policies.take(await next);
    assert.equal(clock.armed, 1);
    policies.stop();
    assert.deepEqual([clock.armed, dns.open], [0, []]);
  });
});
