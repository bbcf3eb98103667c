// Names resolve as the system says, in bounded time and number; numbers in disguise never reach it.
import assert from 'node:assert/strict';
import type { LookupAddress } from 'node:dns';
import { describe, it } from 'node:test';
import type { ResolveResult } from '../session/outside.ts';
import { SystemClock } from './clock.ts';
import { MAX_CONCURRENT_LOOKUPS, SystemNameResolver } from './name-resolver.ts';
import type { Lookup } from './name-resolver.ts';

const PATIENCE_MS = 10_000;

/** A system resolver that answers when the test says so. */
class FakeSystem {
  readonly asked: string[] = [];
  readonly #answers: ((error: Error | null, addresses: LookupAddress[]) => void)[] = [];

  readonly lookup: Lookup = (host, _options, done) => {
    this.asked.push(host);
    this.#answers.push(done);
  };

  answer(...addresses: string[]): void {
    const family = (address: string): 4 | 6 => (address.includes(':') ? 6 : 4);
    this.#answers.shift()?.(
      null,
      addresses.map((address) => ({ address, family: family(address) })),
    );
  }

  fail(code: string): void {
    this.#answers.shift()?.(Object.assign(new Error(code), { code }), []);
  }
}

function makeResolver(): { system: FakeSystem; resolver: SystemNameResolver } {
  const system = new FakeSystem();
  return { system, resolver: new SystemNameResolver(new SystemClock(), system.lookup) };
}

function resolve(
  resolver: SystemNameResolver,
  host: string,
  timeoutMs = PATIENCE_MS,
): Promise<string> {
  const { promise, resolve: answered } = Promise.withResolvers<string>();
  let hasReturned = false;
  let calls = 0;
  resolver.resolve(host, timeoutMs, (result) => {
    assert.ok(hasReturned, 'called back before it returned');
    assert.equal(++calls, 1, 'called back twice');
    answered(describeResult(result));
  });
  hasReturned = true;
  return promise;
}

function describeResult(result: ResolveResult): string {
  return result.ok ? result.addresses.join(' ') : result.error;
}

describe('the name resolver', () => {
  it('knows what the hosts file knows', async () => {
    const answer = await resolve(new SystemNameResolver(new SystemClock()), 'localhost');
    assert.match(answer, /127\.0\.0\.1|::1/);
  });

  it('takes a literal address for its own answer, without asking', async () => {
    const { system, resolver } = makeResolver();
    assert.equal(await resolve(resolver, '192.0.2.1'), '192.0.2.1');
    assert.equal(await resolve(resolver, '2001:DB8::0:1'), '2001:db8::1');
    assert.equal(await resolve(resolver, '::ffff:192.0.2.1'), '192.0.2.1');
    assert.deepEqual(system.asked, []);
  });

  it('refuses what is no strict host name, without asking', async () => {
    const { system, resolver } = makeResolver();
    for (const host of ['0x0a090909', '012.011', '10.9.2313', '168364297', '', 'a b', '[::1]'])
      assert.equal(await resolve(resolver, host), 'EINVALIDNAME', host);
    assert.deepEqual(system.asked, []);
  });

  it('keeps the order of the answer, unmaps addresses and says each once', async () => {
    const { system, resolver } = makeResolver();
    const answer = resolve(resolver, 'www.example.org');
    system.answer('2001:db8::1', '::ffff:192.0.2.1', '192.0.2.1', 'fe80::1%eth0');
    assert.equal(await answer, '2001:db8::1 192.0.2.1');
  });

  it('takes an answer without a usable address for none', async () => {
    const { system, resolver } = makeResolver();
    const answer = resolve(resolver, 'link-local.example');
    system.answer('fe80::1%eth0');
    assert.equal(await answer, 'ENOTFOUND');
  });

  it('passes the error of the system on', async () => {
    const { system, resolver } = makeResolver();
    const answer = resolve(resolver, 'nowhere.example');
    system.fail('ENOTFOUND');
    assert.equal(await answer, 'ENOTFOUND');
  });

  it('gives up after its own timeout, and takes no late answer', async () => {
    const { system, resolver } = makeResolver();
    assert.equal(await resolve(resolver, 'slow.example', 1), 'ETIMEOUT');
    const second = resolve(resolver, 'slow.example');
    system.answer('192.0.2.1');
    assert.equal(await second, '192.0.2.1');
    assert.deepEqual(system.asked, ['slow.example']);
  });

  it('joins lookups of the same name', async () => {
    const { system, resolver } = makeResolver();
    const answers = ['Example.org', 'example.ORG'].map((host) => resolve(resolver, host));
    system.answer('192.0.2.1');
    assert.deepEqual(await Promise.all(answers), ['192.0.2.1', '192.0.2.1']);
    assert.deepEqual(system.asked, ['example.org']);
    const later = resolve(resolver, 'example.org');
    system.answer('192.0.2.2');
    assert.equal(await later, '192.0.2.2');
  });

  it('fails at once beyond its bound, and recovers', async () => {
    const { system, resolver } = makeResolver();
    for (let index = 0; index < MAX_CONCURRENT_LOOKUPS; index++)
      assert.equal(await resolve(resolver, `dead${index}.example`, 0), 'ETIMEOUT');
    assert.equal(await resolve(resolver, 'one-more.example'), 'EBUSY');
    const joined = resolve(resolver, 'dead0.example');
    system.answer('192.0.2.1');
    assert.equal(await joined, '192.0.2.1');
    const next = resolve(resolver, 'one-more.example');
    for (let index = 0; index < MAX_CONCURRENT_LOOKUPS; index++) system.answer('192.0.2.9');
    assert.equal(await next, '192.0.2.9');
  });
});
