import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { packetOf, ruleOf, zoneOf } from '../../test/support/rule-samples.ts';
import { Subnet } from '../address/subnet.ts';
import type { Packet } from './packet.ts';
import type { Condition } from './rule-conditions.ts';
import {
  PortCondition,
  SubnetCondition,
  ValueCondition,
  ZoneCondition,
} from './rule-conditions.ts';

/** The atoms of a packet and their points, in the order in which they are found. */
function found(condition: Condition, packet: Packet): readonly (readonly [number, number])[] {
  const list: [number, number][] = [];
  condition.find(packet, { found: (atom, points) => list.push([atom, points]) });
  for (const [atom, points] of list) assert.equal(condition.pointsOf(atom), points);
  return list;
}

/** The atoms that every packet with an atom has, and their points. */
function wider(condition: Condition, atom: number): readonly (readonly [number, number])[] {
  const list: [number, number][] = [];
  condition.findWider(atom, { found: (other, points) => list.push([other, points]) });
  return list;
}

describe('ValueCondition', () => {
  const condition = new ValueCondition(
    (rule) => rule.protocols,
    (packet) => packet.protocol,
    5,
  );

  it('numbers values, each once, and finds that of a packet', () => {
    assert.deepEqual(condition.atomsOf(ruleOf({ protocols: ['tcp', 'udp', 6] })), [0, 1]);
    assert.deepEqual(condition.atomsOf(ruleOf({ protocols: [47, 'udp'] })), [2, 1]);
    assert.deepEqual(condition.atomsOf(ruleOf()), []);
    assert.deepEqual(found(condition, packetOf({ protocol: 17 })), [[1, 5]]);
    assert.deepEqual(found(condition, packetOf({ protocol: 1 })), []);
    assert.deepEqual(wider(condition, 1), [[1, 5]]);
  });

  it('finds nothing for what a packet does not have', () => {
    const names = new ValueCondition(
      (rule) => rule.interfaces,
      (packet) => packet.incoming?.name,
      1,
    );
    assert.deepEqual(found(names, packetOf()), []);
    assert.deepEqual(names.atomsOf(ruleOf({ interfaces: 'eth0' })), [0]);
    assert.deepEqual(found(names, packetOf()), []);
  });
});

describe('PortCondition', () => {
  it('finds an exact port first, then the blocks of ranges', () => {
    const condition = new PortCondition(
      (rule) => rule.ports,
      (packet) => packet.local.port,
      10,
    );
    assert.deepEqual(found(condition, packetOf()), []);
    assert.deepEqual(condition.atomsOf(ruleOf({ ports: '80,81,80-80' })), [0, 2]);
    assert.deepEqual(condition.atomsOf(ruleOf({ ports: '80-83,96-103' })), [1, 3]);
    assert.deepEqual(condition.atomsOf(ruleOf()), []);
    assert.deepEqual(found(condition, packetOf({ local: '10.0.0.1:81' })), [
      [2, 20],
      [1, 10],
    ]);
    assert.deepEqual(found(condition, packetOf({ local: '10.0.0.1:100' })), [[3, 10]]);
    assert.deepEqual(found(condition, packetOf({ local: '10.0.0.1:84' })), []);
    assert.deepEqual(wider(condition, 2), [
      [2, 20],
      [1, 10],
    ]);
    assert.deepEqual(wider(condition, 1), [[1, 10]]);
    assert.deepEqual(condition.atomsOf(ruleOf({ ports: '64-127' })), [5]);
    assert.deepEqual(new Set(wider(condition, 1).map(([atom]) => atom)), new Set([1, 5]));
    assert.deepEqual(wider(condition, 5), [[5, 10]]);
  });

  it('finds nothing for a packet without ports', () => {
    const condition = new PortCondition(
      (rule) => rule.ports,
      () => undefined,
      10,
    );
    condition.atomsOf(ruleOf({ ports: '1-65535' }));
    assert.deepEqual(found(condition, packetOf()), []);
  });
});

describe('SubnetCondition', () => {
  it('finds all subnets of an address, the longest first', () => {
    const condition = new SubnetCondition(
      (rule) => rule.sourceSubnets,
      (packet) => packet.client.address,
      2,
    );
    assert.deepEqual(found(condition, packetOf()), []);
    const rule = ruleOf({ sourceSubnets: ['0.0.0.0/0', '10.0.0.1', '10.9.9.9/8', '::/0'] });
    assert.deepEqual(condition.atomsOf(rule), [0, 1, 2, 3]);
    assert.deepEqual(
      condition.atomsOf(ruleOf({ sourceSubnets: ['10.0.0.0/8', '10.1.1.1/8'] })),
      [2],
    );
    assert.deepEqual(found(condition, packetOf()), [
      [1, 66],
      [2, 18],
      [0, 2],
    ]);
    assert.deepEqual(found(condition, packetOf({ client: '[::1]:1' })), [[3, 2]]);
    assert.deepEqual(wider(condition, 2), [
      [2, 18],
      [0, 2],
    ]);
  });

  it('finds the subnets around all of some others', () => {
    const condition = new SubnetCondition(
      (rule) => rule.sourceSubnets,
      (packet) => packet.client.address,
      1,
    );
    condition.atomsOf(ruleOf({ sourceSubnets: ['10.0.0.0/8', '10.1.0.0/16', '0.0.0.0/0'] }));
    const around = (...texts: readonly string[]): readonly number[] => {
      const list: number[] = [];
      const inner = texts.map((text) => Subnet.parse(text));
      condition.findAround(inner, { found: (atom) => list.push(atom) });
      return list;
    };
    assert.deepEqual(around('10.1.2.3', '10.1.0.0/16'), [1, 0, 2]);
    assert.deepEqual(around('10.1.2.3', '10.2.2.3'), [0, 2]);
    assert.deepEqual(around('10.1.2.3', '::1'), []);
    assert.deepEqual(around(), []);
  });
});

describe('ZoneCondition', () => {
  it('finds the zone of a packet and those above it, the deepest first', () => {
    const root = zoneOf('root');
    const middle = zoneOf('middle', root);
    const leaf = zoneOf('leaf', middle);
    const condition = new ZoneCondition(
      (rule) => rule.from,
      (packet) => packet.clientZone,
      3,
    );
    assert.deepEqual(found(condition, packetOf({ clientZone: leaf })), []);
    assert.deepEqual(condition.atomsOf(ruleOf({ from: [root, leaf, leaf] })), [0, 1]);
    assert.deepEqual(found(condition, packetOf({ clientZone: leaf })), [
      [1, 9],
      [0, 3],
    ]);
    assert.deepEqual(found(condition, packetOf({ clientZone: middle })), [[0, 3]]);
    assert.deepEqual(wider(condition, 1), [
      [1, 9],
      [0, 3],
    ]);
    assert.equal(condition.zoneOf(1), leaf);
    assert.deepEqual(found(condition, packetOf()), []);
  });

  it('knows atoms that come after it was asked', () => {
    const [root, other] = [zoneOf('root'), zoneOf('other')];
    const [leaf] = [zoneOf('leaf', root)];
    const condition = new ZoneCondition(
      (rule) => rule.from,
      (packet) => packet.clientZone,
      1,
    );
    condition.atomsOf(ruleOf({ from: other }));
    assert.deepEqual(found(condition, packetOf({ clientZone: leaf })), []);
    condition.atomsOf(ruleOf({ from: root }));
    assert.deepEqual(found(condition, packetOf({ clientZone: leaf })), [[1, 1]]);
    assert.deepEqual(found(condition, packetOf({ clientZone: other })), [[0, 1]]);
  });
});
