// A commit that locks the administrator out takes itself back; one that is confirmed stays; and what is removed leaves the
// machine as it was. All of it while connections are made.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { EdgeScene, SUBNETS } from '../support/edge-scene.ts';
import { needs } from '../support/needs.ts';
import { ADDRESSES, NETWORK_NEEDS, succeed } from '../support/network-lab.ts';
import { suiteOwner } from '../support/system-process.ts';
import { until } from '../support/system-wait.ts';
import { ask, startWitness } from '../support/witness.ts';

const AT = { protocol: 'tcp', address: ADDRESSES.server.ipv4, port: 7001 } as const;
// Long enough for a busy machine to see that the way in is lost.
const CONFIRM_SECONDS = 8;

function policyText(service: string): string {
  return `
import { definePolicy, denyService, pfService, rule, zone } from 'zorp';
const clients = zone('clients', { subnets: ${SUBNETS.clients} });
const servers = zone('servers', { subnets: ${SUBNETS.servers} });
export default definePolicy({
  zones: [clients, servers],
  rules: [rule({ from: clients, to: servers, service: ${service} })],
});
`;
}

describe('zorp nft commit --confirm', needs(...NETWORK_NEEDS, 'socat'), () => {
  const owner = suiteOwner();
  let scene: EdgeScene;
  let closed: string;
  let untouched: string;

  /** Everything that a commit may change, and a table of somebody else, without what is counted. */
  async function now(): Promise<string> {
    const listed = await succeed(scene.network.firewall, [
      'nft -n list ruleset',
      'ip rule; ip -6 rule',
      'ip route show table all; ip -6 route show table all',
    ]);
    // How nft writes a number depends on who put it in.
    return listed
      .replaceAll(/packets \d+ bytes \d+/g, '')
      .replaceAll(/0x[0-9a-f]+/g, (number) => String(Number(number)));
  }

  async function isOpen(): Promise<boolean> {
    return (await ask(scene.network.client, AT, { seconds: 1 })).stdout.includes('hello');
  }

  before(async () => {
    scene = await EdgeScene.prepare(owner, { policy: policyText("pfService('open')") });
    const { firewall, server } = scene.network;
    closed = firewall.write('closed.ts', policyText("denyService('closed')"));
    await succeed(firewall, [
      "nft 'add table inet other; add chain inet other forward { type filter hook forward priority 10; }'",
      "nft 'add rule inet other forward counter'",
    ]);
    await startWitness(server, AT);
    untouched = await now();
  });

  it('takes a first commit back, and nothing of it is left', async () => {
    await scene.nft('commit', closed, '--confirm', String(CONFIRM_SECONDS));
    assert.equal(await isOpen(), false, 'the way in is lost');
    await until('the way in to come back', isOpen);
    // The rules of routing go a moment later than the table.
    await until('all to be as it was', async () => (await now()) === untouched);
  });

  it('takes a second commit back to the first, whose connections go on', async () => {
    await scene.commit();
    const committed = await now();
    const { client } = scene.network;
    const session = client.start(['socat', '-', `TCP4:${AT.address}:${AT.port}`]);
    await session.says(/10\.92\.0\.1/);
    await scene.nft('commit', closed, '--confirm', String(CONFIRM_SECONDS));
    assert.equal(await isOpen(), false);
    await until('the way in to come back', isOpen);
    await until('all to be as it was', async () => (await now()) === committed);
    session.feed('still here\n');
    await session.says(/still here/);
  });

  it('keeps what is confirmed', async () => {
    const before = await now();
    await scene.nft('commit', closed, '--confirm', '600');
    assert.match(await scene.nft('show'), /waits for its confirmation/);
    await scene.nft('confirm');
    assert.doesNotMatch(await scene.nft('show'), /waits for its confirmation/);
    assert.notEqual(await now(), before);
    assert.equal(await isOpen(), false);
  });

  it('goes back when asked to', async () => {
    await scene.nft('rollback');
    assert.equal(await isOpen(), true);
  });

  it('removes all that is its own, and nothing else', async () => {
    await scene.nft('remove');
    assert.equal(await now(), untouched);
    assert.equal(await isOpen(), true, 'the machine forwards as before');
  });
});
