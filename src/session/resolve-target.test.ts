// Servers that the protocol names become addresses as the resolver of the service says.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { proxyOf, revisionOf, serviceOf, SessionWorld } from '../../test/support/session-world.ts';
import { IpAddress } from '../address/ip-address.ts';
import type { Resolver } from '../policy/resolver.ts';
import { dnsResolver, hashResolver } from '../policy/resolver.ts';
import { resolveTarget } from './resolve-target.ts';

interface Asking {
  readonly world: SessionWorld;
  readonly result: Promise<string>;
}

function ask(resolver: Resolver, host: string): Asking {
  const service = serviceOf('web', { proxy: proxyOf(() => []), resolver });
  const world = new SessionWorld(revisionOf(service));
  const { promise, resolve } = Promise.withResolvers<string>();
  let hasReturned = false;
  resolveTarget(world.runtime, service, host, (result) => {
    assert.ok(hasReturned, 'called back before it returned');
    const more = result.ok ? result.answer.slice(result.addresses.length) : [];
    const others = more.length === 0 ? '' : ` (${more.join(' ')})`;
    resolve(result.ok ? `${result.addresses.join(' ')}${others}` : result.error);
  });
  hasReturned = true;
  return { world, result: promise };
}

describe('resolveTarget()', () => {
  it('asks the system, and takes the first address', async () => {
    const { world, result } = ask(dnsResolver(), 'www.example.org');
    assert.deepEqual(
      world.lookups.map(({ host }) => host),
      ['www.example.org'],
    );
    world.resolves('192.0.2.1', '192.0.2.2');
    assert.equal(await result, '192.0.2.1 (192.0.2.2)');
  });

  it('takes all addresses with multi, and only those of the family', async () => {
    const all = ask(dnsResolver({ multi: true }), 'www.example.org');
    all.world.resolves('2001:db8::1', '192.0.2.2');
    assert.equal(await all.result, '2001:db8::1 192.0.2.2');
    const some = ask(dnsResolver({ family: 'ipv4' }), 'www.example.org');
    some.world.resolves('2001:db8::1', '192.0.2.2');
    assert.equal(await some.result, '192.0.2.2');
    const none = ask(dnsResolver({ family: 'ipv4' }), '2001:db8::1');
    none.world.resolves('2001:db8::1');
    assert.equal(await none.result, 'ENODATA');
  });

  it('passes an error on', async () => {
    const { world, result } = ask(dnsResolver(), 'www.example.org');
    world.lookups.at(-1)?.done({ ok: false, error: 'ENOTFOUND' });
    assert.equal(await result, 'ENOTFOUND');
  });

  it('asks certain servers for both families, IPv4 first', async () => {
    const resolver = dnsResolver({ servers: '192.0.2.53', multi: true });
    const { world, result } = ask(resolver, 'WWW.example.org.');
    assert.deepEqual(
      world.queries.map(
        ({ question }) => `${question.host} ${question.family} ${question.servers.join()}`,
      ),
      ['www.example.org ipv4 192.0.2.53:53', 'www.example.org ipv6 192.0.2.53:53'],
    );
    world.answers('ipv6', '2001:db8::1');
    world.answers('ipv4', '192.0.2.1');
    assert.equal(await result, '192.0.2.1 2001:db8::1');
    assert.deepEqual(world.lookups, []);
  });

  it('needs only one family to have an address', async () => {
    const half = ask(dnsResolver({ servers: '192.0.2.53' }), 'www.example.org');
    half.world.answers('ipv4', '192.0.2.1');
    half.world.answerFails('ipv6', 'ESERVFAIL');
    assert.equal(await half.result, '192.0.2.1');
    const none = ask(dnsResolver({ servers: '192.0.2.53' }), 'www.example.org');
    none.world.answers('ipv4');
    none.world.answers('ipv6');
    assert.equal(await none.result, 'ENODATA');
    const failed = ask(dnsResolver({ servers: '192.0.2.53' }), 'www.example.org');
    failed.world.answers('ipv4');
    failed.world.answerFails('ipv6', 'ETIMEOUT');
    assert.equal(await failed.result, 'ETIMEOUT');
  });

  it('asks certain servers no numbers in disguise, and takes an address for its own answer', async () => {
    const resolver = dnsResolver({ servers: '192.0.2.53', family: 'ipv4' });
    const disguised = ask(resolver, '0x0a090909');
    assert.equal(await disguised.result, 'EINVALIDNAME');
    const literal = ask(resolver, '::ffff:192.0.2.9');
    assert.equal(await literal.result, '192.0.2.9');
    assert.deepEqual([disguised.world.queries, literal.world.queries], [[], []]);
  });

  it('looks into a table, which has no addresses for what is not there', async () => {
    const mapping = { 'www.example.org': ['192.0.2.1', '192.0.2.2'] };
    const resolver = hashResolver({ mapping });
    const found = ask(resolver, 'www.example.org');
    assert.equal(await found.result, '192.0.2.1 192.0.2.2');
    for (const host of ['other.example', '192.0.2.1', String(IpAddress.parse('10.0.0.1'))])
      assert.equal(await ask(resolver, host).result, 'ENODATA');
    assert.deepEqual(found.world.lookups, []);
  });
});
