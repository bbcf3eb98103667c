// pfService: what the kernel forwards without Zorp, with the addresses that NAT makes, as both sides see it.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { EdgeScene, SUBNETS } from '../support/edge-scene.ts';
import { needs } from '../support/needs.ts';
import { ADDRESSES, NETWORK_NEEDS, succeed } from '../support/network-lab.ts';
import { suiteOwner } from '../support/system-process.ts';
import { sighting, startWitness } from '../support/witness.ts';

const PORTS = { masqueraded: 7001, forged: 7002, snat: 7003, dnat: 7004, directed: 7005 } as const;
const SERVED = 7000;
/** What stands for the client's network, and for the server's. */
const SOURCES = { ipv4: '10.92.0.128/28', ipv6: 'fd92::a0/124' } as const;
const ALIASES = { ipv4: '198.51.100.0/28', ipv6: '2001:db8:1::/124' } as const;

const POLICY = `
import { definePolicy, directedRouter, generalNat, pfService, rule, transparentRouter, zone } from 'zorp';
const clients = zone('clients', { subnets: ${SUBNETS.clients} });
const servers = zone('servers', { subnets: ${SUBNETS.servers} });
const aliases = zone('aliases', { subnets: ['${ALIASES.ipv4}', '${ALIASES.ipv6}'] });
const snat = generalNat({ mapping: [
  { from: '10.91.0.0/28', translated: '${SOURCES.ipv4}' },
  { from: 'fd91::/124', translated: '${SOURCES.ipv6}' },
] });
const dnat = generalNat({ mapping: [
  { to: '${ALIASES.ipv4}', translated: '10.92.0.0/28' },
  { to: '${ALIASES.ipv6}', translated: 'fd92::/124' },
] });
const all = { from: clients, protocols: ['tcp', 'udp'] } as const;
const between = { ...all, to: servers } as const;
const directed = (family: string, destination: string) => pfService('directed-' + family, { router: directedRouter({ destination }) });
export default definePolicy({
  zones: [clients, servers, aliases],
  rules: [
    rule({ id: 1, ...between, ports: ${PORTS.masqueraded}, service: pfService('masqueraded') }),
    rule({ id: 2, ...between, ports: ${PORTS.forged}, service: pfService('forged', { router: transparentRouter({ forgeAddress: true }) }) }),
    rule({ id: 3, ...between, ports: ${PORTS.snat}, service: pfService('snat', { snat }) }),
    rule({ id: 4, ...all, to: aliases, ports: ${PORTS.dnat}, service: pfService('dnat', { dnat, router: transparentRouter({ forgeAddress: true }) }) }),
    rule({ id: 5, ...all, destinationSubnets: '10.92.0.77', ports: ${PORTS.directed}, service: directed('ipv4', '10.92.0.2:${SERVED}') }),
    rule({ id: 6, ...all, destinationSubnets: 'fd92::77', ports: ${PORTS.directed}, service: directed('ipv6', '[fd92::2]:${SERVED}') }),
  ],
});
`;

describe('a pfService', needs(...NETWORK_NEEDS, 'socat', 'conntrack'), () => {
  const owner = suiteOwner();
  let scene: EdgeScene;

  before(async () => {
    scene = await EdgeScene.prepare(owner, { policy: POLICY });
    await scene.commit();
    // The server knows the way back to what the source becomes: the firewall has these addresses.
    await succeed(scene.network.firewall, [
      'ip addr add 10.92.0.130/32 dev outside0',
      'ip addr add fd92::a2/128 dev outside0 nodad preferred_lft 0', // it is no source by itself,
    ]);
  });

  for (const family of ['ipv4', 'ipv6'] as const)
    for (const protocol of ['tcp', 'udp'] as const) {
      const own = ADDRESSES.server[family];
      const client = ADDRESSES.client[family];
      const outside = ADDRESSES.outside[family];
      const translated = { ipv4: '10.92.0.130', ipv6: 'fd92::a2' }[family];
      const alias = { ipv4: '198.51.100.2', ipv6: '2001:db8:1::2' }[family];
      const other = { ipv4: '10.92.0.77', ipv6: 'fd92::77' }[family];
      const cases = [
        { what: 'masqueraded', asked: own, served: PORTS.masqueraded, seen: outside },
        { what: 'forged', asked: own, served: PORTS.forged, seen: client },
        { what: 'snat', asked: own, served: PORTS.snat, seen: translated },
        { what: 'dnat', asked: alias, served: PORTS.dnat, seen: client },
        { what: 'directed', asked: other, served: SERVED, seen: outside },
      ] as const;
      for (const { what, asked, served, seen } of cases)
        it(`${what} ${family} ${protocol}`, async () => {
          const { network } = scene;
          await startWitness(network.server, { protocol, address: own, port: served }, owner);
          const at = { protocol, address: asked, port: PORTS[what] };
          const answer = await sighting(network.client, at, { text: `${what}\n` });
          assert.equal(answer.address, seen);
          assert.equal(answer.text, `${what}\n`);
        });
    }

  it('is counted, and known to the kernel as a connection', async () => {
    const { network } = scene;
    const known = await succeed(network.firewall, ['conntrack -L -p tcp 2>/dev/null']);
    assert.match(known, new RegExp(`dport=${PORTS.forged} `));
  });

  it('is not what no rule names: that is left to whatever else filters packets', async () => {
    const at = { protocol: 'tcp', address: ADDRESSES.server.ipv4, port: 7999 } as const;
    await startWitness(scene.network.server, at, owner);
    assert.equal((await sighting(scene.network.client, at)).address, ADDRESSES.client.ipv4);
  });
});
