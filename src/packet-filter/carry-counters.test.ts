import assert from 'node:assert/strict';
import { it } from 'node:test';
import { carryCounters } from './carry-counters.ts';
import { parseListing } from './nft-listing.ts';

const place = { family: 'inet', table: 'zorp' };
function counter(name: string): object {
  return { add: { counter: { ...place, name } } };
}

it('services keep their counters by name, rules do not', () => {
  const names = ['service_web', 'service_gone', 'rule_1'];
  const nftables = names.map((name, index) => ({
    counter: { ...place, name, packets: index + 1, bytes: 100 },
  }));
  const listing = parseListing(JSON.stringify({ nftables }));
  const replaced = [{ name: 'zorp', revision: 'aa', handle: 1, listing }];
  const others = [
    { add: { table: { family: 'inet', name: 'zorp' } } },
    { add: null },
    { add: { counter: 7 } },
    {},
  ];
  const commands = [...others, counter('service_web'), counter('service_new'), counter('rule_1')];
  const web = { add: { counter: { ...place, name: 'service_web', packets: 1, bytes: 100 } } };
  const carried = [...others, web, counter('service_new'), counter('rule_1')];
  assert.deepEqual(carryCounters(commands, replaced), carried);
  assert.deepEqual(carryCounters(commands, []), commands);
});
