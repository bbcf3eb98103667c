import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultsOfPolicy } from '../../test/support/policy-samples.ts';
import type { Bind } from './bind.ts';
import { definePolicy } from './define-policy.ts';
import { interfaceBind, interfaceGroupBind } from './interface-bind.ts';
import { listener } from './listener.ts';
import { receiver } from './receiver.ts';
import { denyService } from './service.ts';

const refuse = denyService('refuse');
const port = 80;

function tcp(name: string, bind: Bind): ReturnType<typeof listener> {
  return listener(bind, refuse, { name });
}

describe('binds that follow an interface, in a policy', () => {
  it('may share an interface and a port where each can have addresses of its own', () => {
    definePolicy({
      zones: [],
      listeners: [
        tcp('a', [interfaceBind('eth0', { port }), '192.0.2.1:80', '[::]:80', '0.0.0.0:81']),
        tcp('b', interfaceBind('eth0', { port, address: '192.0.2.2' })),
        tcp('c', interfaceGroupBind(0, { port })),
        tcp('d', interfaceGroupBind('default', { port })),
        tcp('e', interfaceBind('eth1', { port })),
        receiver(interfaceBind('eth0', { port }), refuse, { name: 'f' }),
      ],
    });
  });

  it('are faults where another has all their addresses', () => {
    const lines = (one: Bind, other: Bind): readonly string[] =>
      faultsOfPolicy({ zones: [], listeners: [tcp('a', one), tcp('b', other)] }).map(
        ({ subject, value, cure }) => `${subject} ${value} ${cure.replace(/ at \S+$/, '')}`,
      );
    const said = (value: string, owner: string): RegExp =>
      new RegExp(
        `^listener "b" "${value}" choose another port.*: ${owner} of the listener at .* has all its addresses$`,
      );
    const eth0 = interfaceBind('eth0', { port });
    assert.match(lines('0.0.0.0:80', eth0).join(), said('eth0:80', '0\\.0\\.0\\.0:80'));
    assert.match(lines(eth0, interfaceBind('eth0', { port })).join(), said('eth0:80', 'eth0:80'));
    assert.match(
      lines(interfaceGroupBind(5, { port }), interfaceGroupBind('0x5', { port })).join(),
      said('group-0x5:80', 'group-5:80'),
    );
    assert.match(
      lines('192.0.2.2:80', interfaceBind('eth0', { port, address: '192.0.2.2' })).join(),
      said('eth0/192.0.2.2:80', '192\\.0\\.2\\.2:80'),
    );
  });

  it('tell their own faults at their own lines', () => {
    const [fault, ...others] = faultsOfPolicy({
      zones: [],
      listeners: [tcp('a', ['127.0.0.1:1', interfaceBind('eth0', { port: 0 })])],
    });
    assert.deepEqual(others, []);
    assert.equal(fault?.subject, 'interface-bind "eth0"');
    assert.match(fault.location?.file ?? '', /check-follows\.test\.ts$/);
  });

  it('must be what interfaceBind() made', () => {
    const copy = { ...interfaceBind('eth0', { port }) };
    const [fault] = faultsOfPolicy({ zones: [], listeners: [tcp('a', copy)] });
    assert.match(fault?.cure ?? '', /interfaceBind\(\), or a list of them$/);
  });
});
