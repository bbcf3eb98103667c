import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { at } from '../../test/support/policy-samples.ts';
import { InterfaceTable } from '../address/interface-table.ts';
import { IpAddress } from '../address/ip-address.ts';
import type { Bind } from './bind.ts';
import { interfaceBind, interfaceGroupBind } from './interface-bind.ts';
import { listener } from './listener.ts';
import { listensByInterface, someAddress } from './own-interfaces.ts';
import { denyService } from './service.ts';

const addresses = ['192.0.2.1', '2001:db8::1'].map((text) => IpAddress.parse(text));
const TABLE = new InterfaceTable([{ index: 2, name: 'eth0', group: 5, isUp: true, addresses }]);
const port = 80;

function made(bind: Bind): ReturnType<typeof listener> {
  return listener(bind, denyService('refuse'));
}

describe('listensByInterface()', () => {
  const listens = (
    bind: Bind,
    address: string,
    table: InterfaceTable | undefined = TABLE,
  ): boolean => listensByInterface(made(bind), at(address), table);

  it('knows the addresses of this machine for one on all addresses, by family and port', () => {
    assert.ok(listens('0.0.0.0:80', '192.0.2.1:80'));
    assert.ok(listens('[::]:80', '[2001:db8::1]:80'));
    for (const other of ['192.0.2.1:81', '192.0.2.2:80', '[2001:db8::1]:80'])
      assert.equal(listens('0.0.0.0:80', other), false);
    assert.equal(listens('[::]:80', '192.0.2.1:80'), false);
  });

  it('knows the addresses that a bind follows, and that 0.0.0.0 reaches them', () => {
    for (const bind of [interfaceBind('eth0', { port }), interfaceGroupBind(5, { port })]) {
      assert.ok(listens(bind, '192.0.2.1:80'));
      assert.ok(listens(bind, '0.0.0.0:80'));
      for (const other of ['192.0.2.1:81', '192.0.2.2:80', '[2001:db8::1]:80'])
        assert.equal(listens(bind, other), false);
    }
    assert.equal(listens(interfaceBind('eth1', { port }), '192.0.2.1:80'), false);
  });

  it('says nothing of one at an address, and nothing where nothing is known', () => {
    assert.equal(listens('192.0.2.1:80', '192.0.2.1:80'), false);
    assert.equal(listensByInterface(made('0.0.0.0:80'), at('192.0.2.1:80'), undefined), false);
    assert.equal(listens('0.0.0.0:80', '192.0.2.1:80', InterfaceTable.EMPTY), false);
  });
});

describe('someAddress()', () => {
  it('is one that is named, else one that is followed now', () => {
    const bind = interfaceBind('eth0', { port });
    const text = (given: Bind, table = TABLE): string => String(someAddress(made(given), table));
    assert.equal(text([bind, '127.0.0.1:1']), '127.0.0.1:1');
    assert.equal(text([interfaceBind('eth1', { port }), bind]), '192.0.2.1:80');
    assert.equal(text(bind, InterfaceTable.EMPTY), 'undefined');
  });
});
