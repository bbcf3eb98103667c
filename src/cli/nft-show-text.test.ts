import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FilterReport } from '../packet-filter/filter-report.ts';
import { parseListing } from '../packet-filter/nft-listing.ts';
import { filterText } from './nft-show-text.ts';

const place = { family: 'inet', table: 'zorp' };
const elements = Array.from({ length: 102 }, (_, index) => index);
const nftables = [
  { counter: { ...place, name: 'rule_1', packets: 5, bytes: 1000 } },
  { counter: { ...place, name: 'rule_20', packets: 12, bytes: 70 } },
  { counter: { ...place, name: 'service_web', packets: 17, bytes: 1070 } },
  { counter: { ...place, name: 'refused_web', packets: 0, bytes: 0 } },
  { counter: { ...place, name: 'nobody_takes_it', packets: 1, bytes: 40 } },
  { set: { ...place, name: 'many', type: ['mark', 'inet_service'], elem: elements } },
  { set: { ...place, name: 'none', type: 'ipv4_addr' } },
  { rule: { ...place, chain: 'rule_1', comment: 'rule 1 "office" (/p.ts:3)', expr: [] } },
];
const report: FilterReport = {
  ...{ table: 'zorp', revision: 'aa', listing: parseListing(JSON.stringify({ nftables })) },
  ...{ commit: undefined, waiting: undefined, rolledBack: undefined },
  ...{ canRollBack: false, faults: [] },
};

describe('filterText()', () => {
  it('shows counters by rule and service, and sets with their elements', () => {
    const lines = filterText(report, undefined).split('\n');
    assert.deepEqual(lines.slice(0, 16), [
      'table inet zorp: revision aa',
      '',
      'packets by rule:',
      '  rule 1 "office" (/p.ts:3)   5 packets  1000 bytes',
      '  20                         12 packets    70 bytes',
      '',
      'packets by service:',
      '  web  17 packets  1070 bytes',
      '',
      'packets refused by service:',
      '  web  0 packets  0 bytes',
      '',
      'other packets:',
      '  nobody_takes_it  1 packets  40 bytes',
      '',
      'sets:',
    ]);
    assert.deepEqual(lines.slice(16, 18), ['  many (mark . inet_service), 102 elements', '    0']);
    assert.deepEqual(lines.slice(-2), [
      '    ... and 2 more, which --json lists',
      '  none (ipv4_addr), 0 elements',
    ]);
  });

  it('tells whether a commit waits, and what became of one', () => {
    const at = '2026-01-01T00:00:00.000Z';
    const told = (more: Partial<FilterReport>): string =>
      filterText({ ...report, listing: undefined, ...more }, undefined);
    const waiting = { until: at, secondsLeft: 7, isGuarded: true };
    assert.match(told({ waiting }), /^waits for its confirmation: 7 s are left, until 2026/m);
    assert.match(told({ waiting: { ...waiting, isGuarded: false } }), /takes it back is gone: run/);
    assert.match(told({ rolledBack: { at, why: 'asked' } }), /^rolled back at 2026-\S+$/m);
    const late = told({ rolledBack: { at, why: 'not-confirmed' } });
    assert.match(late, /because nobody confirmed it$/);
    assert.match(told({ canRollBack: true }), /"zorp nft rollback" goes back/);
  });
});
