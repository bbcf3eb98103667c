// What is known of host names, and until when. Time is a number here.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { IpAddress } from '../address/ip-address.ts';
import { SocketAddress } from '../address/socket-address.ts';
import type { NameChange } from './name-cache.ts';
import { NAME_TIMES, NameCache } from './name-cache.ts';
import type { DnsAnswer, DnsQuestion } from './outside.ts';

const MINUTE = 60_000;
const { maxMs, graceMs } = NAME_TIMES;
const www: DnsQuestion = { host: 'www.example.org', family: 'ipv4', servers: [] };

function good(ttlMs: number, ...addresses: readonly string[]): DnsAnswer {
  return { ok: true, ttlMs, addresses: addresses.map((text) => IpAddress.parse(text)) };
}

const failed: DnsAnswer = { ok: false, error: 'ESERVFAIL' };

function cacheOf(...questions: readonly DnsQuestion[]): NameCache {
  const cache = new NameCache();
  cache.follow(questions, 0);
  return cache;
}

/** Asks what is due and gives it an answer. */
function answer(cache: NameCache, now: number, given: DnsAnswer): NameChange | undefined {
  assert.deepEqual(cache.due(now), [www], `not due at ${now}`);
  return cache.take(www, given, now);
}

function told(cache: NameCache): string {
  return `${cache.stateOf(www)}: ${cache.addressesOf(www).join(' ')}`;
}

describe('NameCache', () => {
  it('asks at once what is new, and once only', () => {
    const cache = cacheOf(www);
    assert.equal(told(cache), 'new: ');
    assert.equal(cache.nextAt, 0);
    assert.deepEqual(cache.due(0), [www]);
    assert.deepEqual([cache.due(MINUTE * 60), cache.nextAt], [[], undefined]);
  });

  it('asks again when the answer is no longer good', () => {
    const cache = cacheOf(www);
    const change = answer(cache, 0, good(300_000, '192.0.2.1'));
    assert.deepEqual(change, { from: 'new', to: 'known', isOther: true });
    assert.equal(told(cache), 'known: 192.0.2.1');
    assert.deepEqual(cache.due(299_999), []);
    const other = answer(cache, 300_000, good(300_000, '192.0.2.2'));
    assert.deepEqual(other, { from: 'known', to: 'known', isOther: true });
    assert.equal(told(cache), 'known: 192.0.2.2');
  });

  it('takes no notice of the order of addresses', () => {
    const cache = cacheOf(www);
    answer(cache, 0, good(MINUTE, '192.0.2.1', '192.0.2.2'));
    const change = answer(cache, MINUTE, good(MINUTE, '192.0.2.2', '192.0.2.1'));
    assert.equal(change?.isOther, false);
  });

  it('asks not more often than once a minute, and at least once a day', () => {
    const cache = cacheOf(www);
    answer(cache, 0, good(0, '192.0.2.1'));
    assert.equal(cache.nextAt, MINUTE);
    answer(cache, MINUTE, good(2 ** 31 * 1000, '192.0.2.1'));
    assert.equal(cache.nextAt, MINUTE + maxMs);
  });

  it('believes at once that a name has no address', () => {
    const cache = cacheOf(www);
    answer(cache, 0, good(MINUTE, '192.0.2.1'));
    const change = answer(cache, MINUTE, good(MINUTE));
    assert.deepEqual(change, { from: 'known', to: 'known', isOther: true });
    assert.equal(told(cache), 'known: ');
  });

  it('remembers for a minute that nobody could tell', () => {
    const cache = cacheOf(www);
    const change = answer(cache, 0, failed);
    assert.deepEqual(change, { from: 'new', to: 'unknown', isOther: false });
    assert.equal(told(cache), 'unknown: ');
    assert.equal(cache.nextAt, MINUTE);
  });

  it('keeps the last addresses for an hour past their time while nobody can tell', () => {
    const cache = cacheOf(www);
    answer(cache, 0, good(5 * MINUTE, '192.0.2.1'));
    const first = answer(cache, 5 * MINUTE, failed);
    assert.deepEqual(first, { from: 'known', to: 'kept', isOther: false });
    assert.equal(cache.nextAt, 6 * MINUTE);
    const end = 5 * MINUTE + graceMs;
    for (let now = 6 * MINUTE; now < end; now += MINUTE) {
      assert.equal(answer(cache, now, failed)?.to, 'kept');
      assert.equal(told(cache), 'kept: 192.0.2.1');
    }
    const last = answer(cache, end, failed);
    assert.deepEqual(last, { from: 'kept', to: 'unknown', isOther: true });
    assert.equal(told(cache), 'unknown: ');
    assert.deepEqual(answer(cache, end + MINUTE, failed), {
      from: 'unknown',
      to: 'unknown',
      isOther: false,
    });
  });

  it('has all the grace again after a good answer', () => {
    const cache = cacheOf(www);
    answer(cache, 0, good(MINUTE, '192.0.2.1'));
    answer(cache, MINUTE, failed);
    assert.deepEqual(answer(cache, 2 * MINUTE, good(MINUTE, '192.0.2.1')), {
      from: 'kept',
      to: 'known',
      isOther: false,
    });
    assert.equal(answer(cache, 2 * MINUTE + graceMs, failed)?.to, 'kept');
  });

  it('keeps what it knows of questions that stay, and forgets the others', () => {
    const other: DnsQuestion = { ...www, family: 'ipv6' };
    const elsewhere: DnsQuestion = { ...www, servers: [SocketAddress.parse('192.0.2.53:53')] };
    const cache = cacheOf(www, other);
    assert.deepEqual(cache.due(0), [www, other]);
    cache.take(www, good(5 * MINUTE, '192.0.2.1'), 0);
    cache.follow([www, elsewhere], MINUTE);
    assert.equal(told(cache), 'known: 192.0.2.1');
    assert.deepEqual(cache.due(MINUTE), [elsewhere]);
    assert.equal(cache.take(other, good(MINUTE, '::2'), MINUTE), undefined);
    assert.deepEqual(cache.addressesOf(other), []);
    assert.equal(cache.stateOf(elsewhere), 'new');
    cache.follow([], MINUTE);
    assert.deepEqual([cache.nextAt, cache.addressesOf(www)], [undefined, []]);
  });
});
