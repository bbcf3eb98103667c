import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemoryLog } from '../../test/support/memory-log.ts';
import { InterfaceTable } from '../address/interface-table.ts';
import { IpAddress } from '../address/ip-address.ts';
import { SocketAddress } from '../address/socket-address.ts';
import { interfaceBind } from '../policy/interface-bind.ts';
import { listener } from '../policy/listener.ts';
import { denyService } from '../policy/service.ts';
import { FollowLog } from './follow-log.ts';

const follows = interfaceBind('eth0', { port: 80 });
const web = listener(follows, denyService('refuse'), { name: 'web' });
const socket = {
  bind: SocketAddress.parse('192.0.2.1:80'),
  protocol: 'tcp',
  listener: web,
  follows,
} as const;

describe('FollowLog', () => {
  it('tells what opens, closes and fails, with the bind that follows', () => {
    const log = new MemoryLog();
    const told = new FollowLog(log);
    told.opened(socket);
    told.closed({ ...socket, protocol: 'udp' });
    told.failed(socket, new Error('Cannot listen on 192.0.2.1:80: it is taken'));
    assert.deepEqual(
      log.lines.map(({ code, message }) => `${code}: ${message}`),
      [
        'instance.listening: Listening on 192.0.2.1:80, which eth0:80 follows',
        'instance.closed: No longer listening on 192.0.2.1:80/udp, which eth0:80 follows no more',
        'listener.follow-failed: Cannot listen on 192.0.2.1:80: it is taken; eth0:80 follows the address, so it is tried again',
      ],
    );
    assert.deepEqual(log.lines[0]?.fields, {
      address: '192.0.2.1:80',
      listener: 'web',
      follows: 'eth0:80',
    });
  });

  it('says once which binds listen nowhere, and again when they did meanwhile', () => {
    const log = new MemoryLog();
    const told = new FollowLog(log);
    const addresses = [IpAddress.parse('192.0.2.1')];
    const up = new InterfaceTable([{ index: 1, name: 'eth0', group: 0, isUp: true, addresses }]);
    for (const table of [InterfaceTable.EMPTY, InterfaceTable.EMPTY, up, InterfaceTable.EMPTY])
      told.unmet([web], table);
    assert.deepEqual(log.codes, ['listener.follows-nothing', 'listener.follows-nothing']);
    assert.match(log.lines[0]?.message ?? '', /^Listener web listens nowhere by eth0:80 now/);
  });
});
