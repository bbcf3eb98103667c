// Questions to a real DNS server on this machine: addresses with their TTL, aliases, and everything that goes wrong.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { DnsServer } from '../../test/support/dns-server.ts';
import { SocketAddress } from '../address/socket-address.ts';
import type { DnsAnswer } from '../session/outside.ts';
import { SystemClock } from './clock.ts';
import { MAX_CONCURRENT_QUERIES, NodeDnsClient } from './dns-query.ts';

describe('NodeDnsClient', () => {
  let server: DnsServer;
  before(async () => {
    server = await DnsServer.start();
    server.set('one.example', { addresses: ['192.0.2.1', '192.0.2.2', '2001:db8::1'], ttl: 300 });
    server.set('mapped.example', { addresses: ['::ffff:192.0.2.7'] });
    server.set('silent.example', { failure: 'silence' });
    server.set('broken.example', { failure: 'servfail' });
    server.set('refused.example', { failure: 'refused' });
    server.set('circle.example', { alias: 'circle.example', ttl: 9000 });
    server.set('ring.example', { alias: 'ring2.example' });
    server.set('ring2.example', { alias: 'ring.example' });
    server.set('followed.example', { alias: 'one.example', ttl: 30, isFollowed: true });
    server.set('alias.example', { alias: 'one.example', ttl: 9000 });
    server.set('to-nowhere.example', { alias: 'nowhere.example' });
    server.set('to-broken.example', { alias: 'broken.example' });
    for (let index = 0; index < 6; index++)
      server.set(`a${index}.example`, { alias: `a${index + 1}.example` });
    server.set('a6.example', { addresses: ['192.0.2.6'] });
  });
  after(() => server.close());

  const client = new NodeDnsClient(new SystemClock());

  function ask(
    host: string,
    family: 'ipv4' | 'ipv6' = 'ipv4',
    timeoutMs = 5_000,
  ): Promise<DnsAnswer> {
    const servers = [SocketAddress.parse(server.address)];
    const { promise, resolve } = Promise.withResolvers<DnsAnswer>();
    let hasReturned = false;
    client.query({ host, family, servers }, timeoutMs, (answer) => {
      assert.ok(hasReturned, 'called back before it returned');
      resolve(answer);
    });
    hasReturned = true;
    return promise;
  }

  async function told(host: string, family?: 'ipv4' | 'ipv6', timeoutMs?: number): Promise<string> {
    const answer = await ask(host, family, timeoutMs);
    return answer.ok ? `${answer.addresses.join(' ')} for ${answer.ttlMs}` : answer.error;
  }

  it('tells the addresses of one family and their TTL', async () => {
    assert.match(await told('one.example'), /^192\.0\.2\.[12] 192\.0\.2\.[12] for 300000$/);
    assert.equal(await told('one.example', 'ipv6'), '2001:db8::1 for 300000');
  });

  it('unmaps an IPv4-mapped address', async () => {
    assert.equal(await told('mapped.example', 'ipv6'), '192.0.2.7 for 60000');
  });

  it('takes the least TTL of a chain that the server followed', async () => {
    assert.match(await told('followed.example'), /^192.* for 30000$/);
  });

  it('follows an alias itself, and does not trust it for longer than a minute', async () => {
    assert.match(await told('alias.example'), /^192.* for 60000$/);
    assert.equal(await told('a1.example'), '192.0.2.6 for 60000');
  });

  it('finds no address after more than five aliases', async () => {
    assert.equal(await told('a0.example'), ' for 60000');
  });

  it('resolves an alias of itself to no addresses with TTL 60', async () => {
    assert.equal(await told('circle.example'), ' for 60000');
    assert.equal(await told('ring.example'), ' for 60000');
  });

  it('takes it for an answer that a name or its address does not exist', async () => {
    assert.equal(await told('nowhere.example'), ' for 60000');
    assert.equal(await told('a6.example', 'ipv6'), ' for 60000');
    assert.equal(await told('to-nowhere.example'), ' for 60000');
  });

  it('tells apart that nobody could say', async () => {
    assert.equal(await told('broken.example'), 'ESERVFAIL');
    assert.equal(await told('to-broken.example'), 'ESERVFAIL');
    assert.equal(await told('refused.example'), 'EREFUSED');
    assert.equal(await told('silent.example', 'ipv4', 50), 'ETIMEOUT');
  });

  it('joins the same question and bounds how many are under way', async () => {
    const before = server.asked.length;
    await Promise.all([told('one.example'), told('one.example')]);
    assert.equal(server.asked.length, before + 1);
    const many = Array.from({ length: MAX_CONCURRENT_QUERIES }, (_, index) =>
      told('silent.example', 'ipv4', 100 + index),
    );
    assert.equal(await told('one.example'), 'EBUSY');
    assert.deepEqual(new Set(await Promise.all(many)), new Set(['ETIMEOUT']));
    assert.match(await told('one.example'), /^192/);
  });

  it('asks the servers of the system where none is given', async () => {
    const { promise, resolve } = Promise.withResolvers<DnsAnswer>();
    const question = { host: 'nowhere.invalid', family: 'ipv4', servers: [] } as const;
    client.query(question, 300, resolve);
    const answer = await promise; // whatever this machine is set up with: there is no such name
    assert.deepEqual(answer.ok ? answer.addresses : [], []);
  });
});
