import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { wrong } from '../../test/support/policy-samples.ts';
import { faultsOf } from '../proxy/policy-fault.ts';
import type { InterfaceBind } from './interface-bind.ts';
import { interfaceBind, interfaceGroupBind, showInterfaceBind } from './interface-bind.ts';

function faults(bind: InterfaceBind): readonly string[] {
  return faultsOf(bind).map(({ path, value, cure }) => `${path} ${value}: ${cure}`);
}

describe('interfaceBind()', () => {
  it('follows all IPv4 addresses of an interface', () => {
    const bind = interfaceBind('eth0', { port: 80 });
    assert.deepEqual(faults(bind), []);
    const { type, name, port, family, address } = bind;
    assert.deepEqual(
      [type, name, port, family, address],
      ['interface', 'eth0', 80, 'ipv4', undefined],
    );
  });

  it('follows one address, in the family of that', () => {
    const bind = interfaceBind('eth0', { port: 80, address: '2001:db8::1' });
    assert.deepEqual([bind.family, String(bind.address)], ['ipv6', '2001:db8::1']);
    const odd = interfaceBind('eth0', { port: 80, family: 'ipv4', address: '2001:db8::1' });
    assert.deepEqual(faults(odd), [
      'address "2001:db8::1": give an address of ipv4, or leave out the family',
    ]);
  });

  it('names what is wrong with its cure', () => {
    assert.match(
      faults(interfaceBind('eth0', { port: 0 })).join(),
      /^port 0: give a port, 1 to 65535/,
    );
    assert.match(
      faults(interfaceBind('eth0', wrong({ port: 1, group: 2 }))).join(),
      /^group "group": it is an option of interface in ruleListener/,
    );
    assert.match(
      faults(interfaceBind('eth0', wrong({ port: 1, family: 4 }))).join(),
      /^family 4: give "ipv4" or/,
    );
    assert.match(
      faults(interfaceBind('eth0', { port: 1, address: 'x' })).join(),
      /^address "x": Cannot parse/,
    );
    for (const name of ['', 'eth 0', 'eth0:1', 'a/b', 'sixteen-letters-', 7])
      assert.match(
        faults(interfaceBind(wrong(name), { port: 1 })).join(),
        /^name .*give the name of an interface/,
      );
    assert.equal(faults(wrong(interfaceBind(wrong(undefined), wrong(undefined)))).length, 2);
  });
});

describe('interfaceGroupBind()', () => {
  it('takes a number, a number as text, or a name', () => {
    const groups = [5, '5', '0x10', 'dmz'].map((group) => interfaceGroupBind(group, { port: 80 }));
    assert.deepEqual(groups.flatMap(faults), []);
    assert.deepEqual(
      groups.map(({ name, group }) => [name, group]),
      [
        ['5', 5],
        ['5', 5],
        ['0x10', 16],
        ['dmz', undefined],
      ],
    );
  });

  it('names what is wrong with its cure', () => {
    for (const group of [-1, 1.5, 2 ** 32, '0x1ffffffff', 'two words', '', '# no', null])
      assert.match(
        faults(interfaceGroupBind(wrong(group), { port: 80 })).join(),
        /^group .*give a group: a number of 0 to 4294967295, or its name/,
      );
    assert.match(
      faults(interfaceGroupBind(1, wrong({ port: 1, address: '::' }))).join(),
      /it is an option of interfaceBind/,
    );
  });
});

describe('showInterfaceBind()', () => {
  it('is as short as an address, and different for different binds', () => {
    const shown = [
      interfaceBind('eth0', { port: 80 }),
      interfaceBind('eth0', { port: 80, family: 'ipv6' }),
      interfaceBind('eth0', { port: 80, address: '192.0.2.1' }),
      interfaceGroupBind('dmz', { port: 80 }),
      interfaceGroupBind('0x5', { port: 80, family: 'ipv6' }),
    ].map(showInterfaceBind);
    assert.deepEqual(shown, [
      'eth0:80',
      'eth0/ipv6:80',
      'eth0/192.0.2.1:80',
      'group-dmz:80',
      'group-0x5/ipv6:80',
    ]);
  });
});
