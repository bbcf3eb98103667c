import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseListing } from './nft-listing.ts';
import { MARKER_CHAIN, markedRevision, markerCommands } from './table-marker.ts';

/** What a command adds, as a listing has it. */
function added(command: object): unknown {
  return Object.values(command)[0];
}

describe('the marker of a table', () => {
  const listing = (commands: readonly object[]) =>
    parseListing(JSON.stringify({ nftables: commands.map(added) }));

  it('tells the revision of the policy', () => {
    assert.equal(markedRevision(listing(markerCommands('zorp', '0123456789ab'))), '0123456789ab');
  });

  it('is not there in tables of others', () => {
    const [chain = {}] = markerCommands('zorp', '1');
    const rule = { family: 'inet', table: 'zorp', chain: MARKER_CHAIN, expr: [] };
    const others = [
      [],
      [chain],
      [{ add: { rule } }],
      [{ add: { rule: { ...rule, comment: 'x' } } }],
    ];
    for (const commands of others) assert.equal(markedRevision(listing(commands)), undefined);
  });
});
