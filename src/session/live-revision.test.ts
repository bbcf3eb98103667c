// A policy that always has the addresses of now, and nothing else that changes.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { at, idleProxy } from '../../test/support/policy-samples.ts';
import { IpAddress } from '../address/ip-address.ts';
import { definePolicy } from '../policy/define-policy.ts';
import { listener } from '../policy/listener.ts';
import { dnsMatcher } from '../policy/matcher-dns.ts';
import type { Policy } from '../policy/policy.ts';
import { findZone } from '../policy/policy.ts';
import type { Resolver } from '../policy/resolver.ts';
import { dnsResolver, hashResolver } from '../policy/resolver.ts';
import { service } from '../policy/service.ts';
import { zone } from '../policy/zone.ts';
import { LiveRevision } from './live-revision.ts';
import type { NameState } from './name-cache.ts';
import type { KnownNames } from './name-watch.ts';

const one = zone('one', { hostnames: ['a.example', 'b.example'] });
const two = zone('two', { hostnames: ['c.example'], subnets: ['192.0.2.0/24'] });
const listeners = [listener('127.0.0.1:80', service('web', { proxy: idleProxy() }))];

function policyWith(zoneResolver: Resolver = dnsResolver()): Policy {
  return definePolicy({ zones: [one, two], listeners, zoneResolver });
}

/** What is known: addresses by question; a question that is not there was never answered, 'x' is unknown. */
function known(table: Readonly<Record<string, readonly string[] | 'x'>>): KnownNames {
  const of = (host: string, family: string): readonly string[] | 'x' | undefined =>
    table[`${family} ${host}`];
  return {
    stateOf: ({ host, family }): NameState => {
      const found = of(host, family);
      return found === undefined ? 'new' : found === 'x' ? 'unknown' : 'known';
    },
    addressesOf: ({ host, family }) => {
      const found = of(host, family) ?? [];
      return found === 'x' ? [] : found.map((text) => IpAddress.parse(text));
    },
  };
}

function revisionOf(policy: Policy): LiveRevision {
  return new LiveRevision({ policy, revision: 'f00d' });
}

describe('LiveRevision', () => {
  it('asks for the host names of zones as their resolver says', () => {
    const questions = (policy: Policy): readonly string[] =>
      revisionOf(policy).questions.map(
        ({ host, family, servers }) => `${host} ${family} ${servers.join()}`,
      );
    assert.deepEqual(questions(policyWith()).slice(0, 3), [
      'a.example ipv4 ',
      'a.example ipv6 ',
      'b.example ipv4 ',
    ]);
    assert.deepEqual(
      questions(policyWith(dnsResolver({ family: 'ipv6', servers: '192.0.2.53' }))),
      [
        'a.example ipv6 192.0.2.53:53',
        'b.example ipv6 192.0.2.53:53',
        'c.example ipv6 192.0.2.53:53',
      ],
    );
    const mapping = { 'a.example': '::2', 'b.example': '::3', 'c.example': '::4' };
    assert.deepEqual(questions(policyWith(hashResolver({ mapping }))), []);
  });

  it('always has the policy with the addresses of now', () => {
    const policy = policyWith();
    const live = revisionOf(policy);
    const address = at('198.51.100.1:1').address;
    assert.equal(live.policy, policy);
    assert.equal(live.revision, 'f00d');
    live.refresh(known({ 'ipv4 a.example': ['198.51.100.1'] }));
    assert.equal(findZone(live.policy, address), one);
    live.refresh(known({ 'ipv4 c.example': ['198.51.100.1'] }));
    assert.equal(findZone(live.policy, address), two);
    assert.equal(findZone(policy, address), undefined);
  });

  it('has both families of a host', () => {
    const live = revisionOf(policyWith());
    const addresses = { 'ipv4 a.example': ['198.51.100.1'], 'ipv6 a.example': ['2001:db8::1'] };
    live.refresh(known(addresses));
    for (const text of ['198.51.100.1', '2001:db8::1'])
      assert.equal(findZone(live.policy, IpAddress.parse(text)), one);
  });

  it('lets DNS put no address of this machine into a zone', () => {
    const live = revisionOf(policyWith());
    const hostile = ['127.0.0.1', '0.0.0.0', '224.0.0.1', '169.254.169.254', '198.51.100.1'];
    const dropped = live.refresh(known({ 'ipv4 a.example': hostile }));
    assert.deepEqual(
      hostile.map((text) => findZone(live.policy, IpAddress.parse(text))?.name),
      [undefined, undefined, undefined, undefined, 'one'],
    );
    assert.deepEqual(
      dropped.map(({ address }) => String(address)),
      hostile.slice(0, 4),
    );
  });

  it('says what is in no zone once, and again when it is new', () => {
    const live = revisionOf(policyWith());
    const shared = known({
      'ipv4 a.example': ['198.51.100.1'],
      'ipv4 c.example': ['198.51.100.1'],
    });
    assert.deepEqual(
      live.refresh(shared).map(({ host }) => host),
      ['a.example', 'c.example'],
    );
    assert.deepEqual(live.refresh(shared), []);
    live.refresh(known({}));
    assert.equal(live.refresh(shared).length, 2);
  });

  it('tells matchers the addresses of their hosts, those of this machine too', () => {
    const matcher = dnsMatcher({ hosts: ['m.example', 'n.example'], servers: '192.0.2.53' });
    const live = revisionOf(definePolicy({ zones: [], listeners }));
    assert.deepEqual(
      live.questions.map(({ host, family, servers }) => `${host} ${family} ${servers.join()}`),
      ['m.example ipv4', 'm.example ipv6', 'n.example ipv4', 'n.example ipv6'].map(
        (text) => `${text} 192.0.2.53:53`,
      ),
    );
    live.refresh(known({ 'ipv4 m.example': ['127.0.0.1'], 'ipv6 m.example': 'x' }));
    assert.equal(matcher.matches('127.0.0.1'), true);
    assert.throws(() => matcher.matches('192.0.2.1'), /n\.example are not known/);
    live.refresh(known({ 'ipv4 m.example': [], 'ipv4 n.example': [], 'ipv6 n.example': 'x' }));
    assert.equal(matcher.matches('127.0.0.1'), false);
    live.refresh(known({ 'ipv4 m.example': [], 'ipv4 n.example': 'x', 'ipv6 n.example': 'x' }));
    assert.throws(() => matcher.matches('127.0.0.1'), /n\.example are not known/);
  });

  it('names the hosts without an address', () => {
    const live = revisionOf(policyWith());
    const names = known({ 'ipv4 a.example': ['198.51.100.1'], 'ipv4 b.example': [] });
    assert.deepEqual(live.unresolved(names), ['b.example', 'c.example']);
  });
});
