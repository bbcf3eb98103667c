import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isCode } from '../../test/support/packet-filter-errors.ts';
import { parseListing } from './nft-listing.ts';

describe('parseListing()', () => {
  it('sorts what nft prints by kind', () => {
    const place = { family: 'inet', table: 'zorp' };
    const objects = [
      { metainfo: { version: '1.0.6', json_schema_version: 1 } },
      { table: { family: 'inet', name: 'zorp', handle: 4 } },
      { counter: { ...place, name: 'rule 1', handle: 2, packets: 7, bytes: 70 } },
      { set: { ...place, name: 'a', type: 'ipv4_addr', elem: ['192.0.2.1'] } },
      { map: { ...place, name: 'b', type: ['ipv4_addr', 'mark'], map: 'verdict' } },
      { chain: { ...place, name: 'c' } },
      { rule: { ...place, chain: 'c', comment: 'x', expr: [{ accept: null }] } },
    ];
    const listing = parseListing(JSON.stringify({ nftables: objects }));
    assert.equal(listing.tables[0]?.handle, 4);
    assert.equal(listing.counters[0]?.packets, 7);
    assert.deepEqual(
      listing.sets.map(({ name }) => name),
      ['a', 'b'],
    );
    assert.equal(listing.chains[0]?.name, 'c');
    assert.equal(listing.rules[0]?.comment, 'x');
    assert.deepEqual(listing.objects, objects);
  });

  it('believes nothing that has another shape', () => {
    const counter = { family: 'inet', table: 'zorp', name: 'c', packets: '7', bytes: 0 };
    const wrong = ['', 'x', '{}', '{"nftables":[7]}', JSON.stringify({ nftables: [{ counter }] })];
    for (const text of wrong)
      assert.throws(() => parseListing(text), isCode('nft.unreadable'), text);
  });
});
