import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chainOf, plug } from '../../test/support/packet-filter-policy.ts';
import { interfaceBind } from '../policy/interface-bind.ts';
import { listener } from '../policy/listener.ts';
import { rule } from '../policy/rule.ts';

const rules = [rule({ service: plug })];
const transparent = listener('0.0.0.0:50081', plug, {
  transparent: true,
  redirectPorts: '25,100-200',
});

function having(lines: readonly unknown[], key: string): readonly unknown[] {
  return (lines as Record<string, unknown>[][]).flatMap((expr) =>
    expr.flatMap((statement) => (key in statement ? [statement[key]] : [])),
  );
}

describe('the chains of listeners', () => {
  it('bring connections to the hidden listener, in both families, and drop what nobody takes', () => {
    const lines = chainOf({ rules, packetFilter: { rulePort: 777, mark: 8 } }, 'bring_to_rules');
    assert.deepEqual(having(lines, 'tproxy'), [
      { family: 'ip', addr: '127.0.0.1', port: 777 },
      { family: 'ip6', addr: '::1', port: 777 },
    ]);
    const marks = having(lines, 'mangle') as { value: unknown }[];
    const mark = { '|': [{ '&': [{ meta: { key: 'mark' } }, 0xffff_fff7] }, 8] };
    assert.deepEqual(
      marks.slice(1).map(({ value }) => value),
      [mark, mark],
    );
    assert.deepEqual((lines as unknown[][]).at(-1), [
      { counter: 'nobody_takes_it' },
      { drop: null },
    ]);
  });

  it('bring the ports of other machines to a transparent listener, before any rule', () => {
    const lines = chainOf({ rules, listeners: [transparent] }, 'dispatch');
    assert.deepEqual(having(lines, 'goto'), [{ target: 'bring_to_listener_1' }]);
    const bringing = chainOf({ rules, listeners: [transparent] }, 'bring_to_listener_1');
    assert.deepEqual(having(bringing, 'tproxy'), [{ family: 'ip', port: 50_081 }]);
  });

  it('leave what is meant for a listener itself', () => {
    const own = [
      listener('192.0.2.1:80', plug),
      listener('[::]:81', plug),
      listener('10.0.0.1:0', plug),
    ];
    const lines = chainOf({ rules, listeners: own }, 'dispatch') as unknown[][];
    assert.equal(lines.length, 5); // two kinds of mapped addresses, two listeners, the rules
    assert.deepEqual(having(lines, 'accept'), [null, null]);
  });

  it('leave what is meant for an address that a listener follows, which may be any of the machine', () => {
    const own = [
      interfaceBind('eth0', { port: 80, family: 'ipv6' }),
      interfaceBind('eth0', { port: 80, address: '192.0.2.1' }),
    ];
    const lines = chainOf({ rules, listeners: [listener(own, plug)] }, 'dispatch') as unknown[][];
    assert.deepEqual(having(lines, 'accept'), [null, null]);
    const matches = having(lines, 'match') as { left: unknown; right: unknown }[];
    const rights = matches.map(({ right }) => right);
    assert.ok(rights.includes('local'));
    assert.ok(rights.includes('192.0.2.1'));
    assert.equal(rights.filter((right) => right === 80).length, 2);
  });

  it('keep the packets of running connections here, but not a SYN for one that is over', () => {
    const [, , , running] = chainOf({ rules }, 'prerouting') as unknown[][];
    assert.deepEqual(running?.at(-1), { jump: { target: 'running_connections' } });
    const [bound, everywhere, other] = chainOf({ rules }, 'running_connections') as unknown[][];
    assert.deepEqual(everywhere?.at(-1), { return: null });
    for (const rule of [bound, other]) assert.deepEqual(rule?.at(-1), { accept: null });
    assert.match(JSON.stringify(bound), /wildcard.*"right":0/);
    assert.match(JSON.stringify(everywhere), /wildcard.*"right":1/);
    assert.match(JSON.stringify(other), /"op":"!=".*"right":"syn"/);
  });
});
