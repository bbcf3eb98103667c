import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { IpAddress } from '../address/ip-address.ts';
import { SocketAddress } from '../address/socket-address.ts';
import { MAX_CONCURRENT_QUERIES } from '../io/dns-query.ts';
import { listener } from '../policy/listener.ts';
import { denyService } from '../policy/service.ts';
import { until } from '../../test/support/system-wait.ts';
import { MemoryLog } from '../../test/support/memory-log.ts';
import type { Accepted, DnsAnswer } from '../session/outside.ts';
import { realWorld } from './real-world.ts';

describe('realWorld()', () => {
  it('opens real ports, resolves literal addresses and joins links', async () => {
    const { outside, openListener, interfaces } = realWorld(new MemoryLog());
    const { promise, resolve } = Promise.withResolvers<Accepted>();
    const door = listener('127.0.0.1:0', denyService('nothing'));
    const [bind = assert.fail()] = door.binds;
    const request = { bind, protocol: 'tcp', listener: door, current: () => door } as const;
    const socket = await openListener(request, resolve);
    const client = connect(socket.address.port, '127.0.0.1');
    const accepted = await promise;
    assert.equal(accepted.clientLocal.port, socket.address.port);
    accepted.stream.destroy();
    socket.close();
    await once(client.resume(), 'close');
    const resolved = Promise.withResolvers<unknown>();
    outside.resolver.resolve('192.0.2.1', 1000, resolved.resolve);
    assert.deepEqual(await resolved.promise, {
      ok: true,
      addresses: [SocketAddress.parse('192.0.2.1:1').address],
    });
    assert.equal(outside.linkPair().length, 2);
    assert.ok(outside.clock.now() > 0);
    assert.ok(interfaces.table.isOwn(IpAddress.parse('127.0.0.1')));
    interfaces.close();
  });

  it('asks for the names of the policy however many names sessions wait for', async () => {
    const { outside, policyDns, interfaces } = realWorld(new MemoryLog());
    interfaces.close();
    const silent = createSocket('udp4').bind(0, '127.0.0.1');
    await once(silent, 'listening');
    const servers = [SocketAddress.parse(`127.0.0.1:${silent.address().port}`)];
    const question = { host: 'silent.example', family: 'ipv4', servers } as const;
    const errorOf = (answer: DnsAnswer): string => (answer.ok ? 'none' : answer.error);
    const ofSessions: string[] = [];
    // All are asked before any can be over: which of them ends first is of no account.
    for (let index = 0; index <= MAX_CONCURRENT_QUERIES; index++)
      outside.dns.query({ ...question, host: `name${index}.example` }, 50, (answer) =>
        ofSessions.push(errorOf(answer)),
      );
    const ofPolicy = await new Promise<string>((resolve) => {
      policyDns.query(question, 50, (answer) => resolve(errorOf(answer)));
    });
    assert.equal(ofPolicy, 'ETIMEOUT');
    await until('the others to be over', () => ofSessions.length === MAX_CONCURRENT_QUERIES + 1);
    const timedOut = Array.from({ length: MAX_CONCURRENT_QUERIES }, () => 'ETIMEOUT');
    assert.deepEqual(ofSessions, ['EBUSY', ...timedOut]);
    silent.close();
  });
});
