// The watch over host names: whom it asks and when, and what it says.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeDns } from '../../test/support/fake-dns.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { MemoryLog } from '../../test/support/memory-log.ts';
import { NameWatch } from './name-watch.ts';
import type { DnsQuestion } from './outside.ts';

const MINUTE = 60_000;

interface World {
  readonly clock: ManualClock;
  readonly dns: FakeDns;
  readonly log: MemoryLog;
  readonly watch: NameWatch;
  /** How often it said that something has changed. */
  readonly news: () => number;
}

function worldOf(): World {
  const [clock, dns, log] = [new ManualClock(), new FakeDns(), new MemoryLog()];
  let count = 0;
  const changed = (): void => {
    count++;
  };
  const watch = new NameWatch({ clock, dns, log, changed });
  return { clock, dns, log, watch, news: () => count };
}

function question(host: string, family: DnsQuestion['family'] = 'ipv4'): DnsQuestion {
  return { host, family, servers: [] };
}

const [a, b] = [question('a.example'), question('b.example')];

describe('NameWatch', () => {
  it('asks at once, and again when the answer is no longer good', () => {
    const { clock, dns, watch, news } = worldOf();
    watch.follow([a]);
    dns.answer('ipv4 a.example', ['192.0.2.1'], 5 * MINUTE);
    assert.equal(news(), 1);
    assert.deepEqual(watch.addressesOf(a).map(String), ['192.0.2.1']);
    clock.advance(5 * MINUTE - 1);
    assert.deepEqual(dns.open, []);
    clock.advance(1);
    dns.answer('ipv4 a.example', ['192.0.2.1'], 5 * MINUTE);
    assert.equal(news(), 1, 'nothing has changed');
    clock.advance(5 * MINUTE);
    dns.answer('ipv4 a.example', ['192.0.2.2']);
    assert.equal(news(), 2);
  });

  it('wakes at most once a minute, however many names there are', () => {
    const { clock, dns, watch } = worldOf();
    watch.follow([a, b]);
    dns.answer('ipv4 a.example', ['192.0.2.1'], 0);
    clock.advance(1_000);
    dns.answer('ipv4 b.example', ['192.0.2.2'], 0);
    clock.advance(58_999);
    assert.deepEqual(dns.open, []);
    clock.advance(1);
    assert.deepEqual(dns.open, ['ipv4 a.example']);
    dns.answer('ipv4 a.example', ['192.0.2.1'], 0);
    clock.advance(MINUTE - 1);
    assert.deepEqual(dns.open, []);
    clock.advance(1);
    assert.deepEqual(dns.open, ['ipv4 a.example', 'ipv4 b.example']);
  });

  it('tells first answers soon, while others are still waited for', () => {
    const { clock, dns, watch, news } = worldOf();
    watch.follow([a, b]);
    dns.answer('ipv4 a.example', ['192.0.2.1']);
    assert.equal(news(), 0);
    clock.advance(100);
    assert.equal(news(), 1);
    dns.fail('ipv4 b.example');
    assert.equal(news(), 2);
  });

  it('asks only so many at once', () => {
    const { dns, watch } = worldOf();
    watch.follow(Array.from({ length: 40 }, (_, index) => question(`h${index}.example`)));
    assert.equal(dns.open.length, 16);
    dns.answer('ipv4 h0.example', []);
    dns.fail('ipv4 h7.example');
    assert.deepEqual(dns.open.slice(-2), ['ipv4 h16.example', 'ipv4 h17.example']);
    for (let [next] = dns.open; next !== undefined; [next] = dns.open) dns.answer(next, []);
    assert.equal(watch.stateOf(question('h39.example')), 'known');
  });

  it('lets those wait who want the first answers, but not for ever', async () => {
    const { clock, dns, watch } = worldOf();
    watch.follow([a, b]);
    let isAnswered = false;
    const both = watch.answered([a, b], 2_000).then(() => (isAnswered = true));
    const bounded = watch.answered([b], 500);
    dns.answer('ipv4 a.example', ['192.0.2.1']);
    clock.advance(500);
    await bounded;
    assert.equal(isAnswered, false);
    dns.fail('ipv4 b.example');
    await both;
    await watch.answered([a, b], 2_000);
    watch.follow([]);
    assert.equal(clock.armed, 0);
  });

  it('has no timer left when nothing is followed, and takes no late answer', () => {
    const { clock, dns, watch, news } = worldOf();
    watch.follow([a, b]);
    dns.answer('ipv4 a.example', ['192.0.2.1']);
    watch.follow([]);
    dns.answer('ipv4 b.example', ['192.0.2.2']);
    assert.equal(clock.armed, 0);
    clock.advance(60 * MINUTE);
    assert.deepEqual(dns.open, []);
    assert.equal(news(), 1);
    assert.deepEqual(watch.addressesOf(b), []);
  });

  it('keeps what it knows when it goes over to other names', () => {
    const { dns, watch } = worldOf();
    watch.follow([a]);
    dns.answer('ipv4 a.example', ['192.0.2.1']);
    watch.follow([a, b]);
    assert.deepEqual(dns.open, ['ipv4 b.example']);
    assert.deepEqual(watch.addressesOf(a).map(String), ['192.0.2.1']);
  });

  it('logs what changes, and once what does not work', () => {
    const { clock, dns, log, watch } = worldOf();
    watch.follow([a]);
    dns.answer('ipv4 a.example', ['192.0.2.1', '192.0.2.2']);
    const line = log.lines[0] ?? assert.fail('no line');
    assert.equal(line.message, 'Host name a.example has 2 IPv4 addresses now');
    assert.deepEqual(line.fields, {
      host: 'a.example',
      family: 'ipv4',
      count: 2,
      addresses: '192.0.2.1 192.0.2.2',
    });
    for (let minute = 0; minute < 70; minute++) {
      clock.advance(MINUTE);
      dns.fail('ipv4 a.example');
    }
    clock.advance(MINUTE);
    dns.answer('ipv4 a.example', []);
    clock.advance(MINUTE);
    dns.answer('ipv4 a.example', ['192.0.2.1']);
    assert.deepEqual(log.codes, [
      'policy.names-changed',
      'policy.names-kept',
      'policy.names-unknown',
      'policy.names-known',
      'policy.names-changed',
    ]);
    assert.equal(log.lines.at(-1)?.message, 'Host name a.example has 1 IPv4 address now');
  });
});
