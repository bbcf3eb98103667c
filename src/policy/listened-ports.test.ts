import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { denyService } from './service.ts';
import { interfaceBind } from './interface-bind.ts';
import { listenedPorts } from './listened-ports.ts';
import { listener } from './listener.ts';

describe('listenedPorts()', () => {
  it('has the ports of addresses and of interfaces, for each instance', () => {
    const none = denyService('none');
    const one = listener(['127.0.0.1:80', '[::]:8080'], none);
    const other = listener(interfaceBind('eth0', { port: 443 }), none);
    const ports = listenedPorts(new Map([['a', [one, other]], ['b', []]])); // prettier-ignore
    assert.deepEqual([...(ports.get('a') ?? [])], [80, 8080, 443]);
    assert.equal(ports.get('b')?.size, 0);
  });
});
