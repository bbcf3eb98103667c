import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkPacketFilter } from './packet-filter-settings.ts';
import { PolicyFaults } from './policy-faults.ts';

describe('checkPacketFilter()', () => {
  it('fills in what is not said', () => {
    const faults = new PolicyFaults({});
    const defaults = { table: 'zorp', rulePort: 50_080, mark: 0x4000_0000, routingTable: 50_080 };
    assert.deepEqual(checkPacketFilter(undefined, faults), defaults);
    const own = { table: 'proxy-1', rulePort: 1, mark: 0x8000_0000, routingTable: 0xffff_ffff };
    assert.deepEqual(checkPacketFilter(own, faults), own);
    assert.deepEqual(faults.found, []);
  });

  const wrong: [given: unknown, path: string, cure: RegExp][] = [
    [{ table: 'a b' }, 'packetFilter.table', /at most 64 letters/],
    [{ table: '' }, 'packetFilter.table', /at most 64 letters/],
    [{ rulePort: 0 }, 'packetFilter.rulePort', /1 to 65535/],
    [{ mark: 3 }, 'packetFilter.mark', /exactly one of 32 bits/],
    [{ mark: 0 }, 'packetFilter.mark', /exactly one of 32 bits/],
    [{ mark: 2 ** 32 }, 'packetFilter.mark', /exactly one of 32 bits/],
    [{ routingTable: 254 }, 'packetFilter.routingTable', /tables of the system/],
    [{ routingTable: 2 ** 32 }, 'packetFilter.routingTable', /1 to 4294967295/],
    [{ port: 1 }, 'packetFilter.port', /there are table, rulePort, mark, routingTable/],
    ['zorp', 'packetFilter', /as an object: \{ table: /],
  ];
  for (const [given, path, cure] of wrong)
    it(`refuses ${JSON.stringify(given)}`, () => {
      const faults = new PolicyFaults({});
      checkPacketFilter(given, faults);
      assert.deepEqual(
        faults.found.map((fault) => fault.path),
        [path],
      );
      assert.match(faults.found[0]?.cure ?? '', cure);
    });
});
