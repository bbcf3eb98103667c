import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { listener } from '../policy/listener.ts';
import {
  guests,
  office,
  plug,
  policyWith,
  world,
} from '../../test/support/packet-filter-policy.ts';
import { AddressSets } from './address-sets.ts';
import { TableCommands } from './nft-json.ts';

function made() {
  const commands = new TableCommands('zorp');
  const sets = new AddressSets(
    policyWith({ listeners: [listener('127.0.0.1:1', plug)] }),
    commands,
  );
  const all = () =>
    commands.all.map(({ add }) => {
      const { name, elem } = (add as { set: { name: string; elem: unknown } }).set;
      return [name, elem];
    });
  return { sets, all };
}

describe('AddressSets', () => {
  it('have what is in a zone or below it, and nowhere else', () => {
    const { sets, all } = made();
    assert.equal(sets.below([office], 'ipv4'), 'zone4_office');
    assert.equal(sets.below([world], 'ipv4'), 'zone4_world');
    assert.equal(sets.below([office], 'ipv4'), 'zone4_office');
    assert.deepEqual(all(), [
      [
        'zone4_office',
        [{ range: ['10.0.0.0', '10.8.255.255'] }, { range: ['10.10.0.0', '10.255.255.255'] }],
      ],
      [
        'zone4_world',
        [{ range: ['0.0.0.0', '10.8.255.255'] }, { range: ['10.10.0.0', '255.255.255.255'] }],
      ],
    ]);
  });

  it('join zones, each list once, and leave out what is empty', () => {
    const { sets, all } = made();
    assert.equal(sets.below([office, guests], 'ipv4'), 'zones4_1');
    assert.equal(sets.below([guests, office], 'ipv4'), 'zones4_1');
    assert.equal(sets.exactly([office], 'ipv6', 'why'), 'zones6_2');
    assert.equal(sets.below([guests], 'ipv6'), undefined);
    assert.equal(sets.exactly([], 'ipv4', 'why'), undefined);
    assert.deepEqual(all()[0], ['zones4_1', [{ range: ['10.0.0.0', '10.255.255.255'] }]]);
  });
});
