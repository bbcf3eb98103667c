import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { usedInterfaces } from './used-interfaces.ts';

function by(key: string, right: unknown): object {
  return {
    add: { rule: { expr: [{ match: { op: '==', left: { meta: { key } }, right } }] } },
  };
}
function set(name: string, type: string, elem: unknown): object {
  return {
    add: { set: { name, type, elem } },
  };
}

describe('usedInterfaces()', () => {
  it('finds names, anonymous sets and named ones', () => {
    const commands = [
      ...[by('iifname', 'eth0'), by('oifname', { set: ['eth2', 'eth1'] }), by('iifname', '@lan')],
      ...[set('lan', 'ifname', ['eth3', 'eth0']), by('oifname', { set: 'eth4' })],
    ];
    assert.deepEqual(usedInterfaces(commands), ['eth0', 'eth1', 'eth2', 'eth3', 'eth4']);
  });

  it('takes nothing else for an interface', () => {
    const commands = [
      ...[by('iifname', 'eth*'), by('l4proto', 'tcp'), by('mark', 7), by('iifname', '@unknown')],
      ...[set('zone', 'ipv4_addr', ['192.0.2.1']), set('empty', 'ifname', undefined)],
      ...[by('iifname', '@empty'), { add: { table: { name: 'x' } } }, {}],
    ];
    assert.deepEqual(usedInterfaces(commands), []);
  });
});
