// Clients of one address family and servers of the other: NAT64 and NAT46 behind transparent rules.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { EdgeScene, SUBNETS } from '../support/edge-scene.ts';
import { needs } from '../support/needs.ts';
import { ADDRESSES, NETWORK_NEEDS, succeed } from '../support/network-lab.ts';
import { suiteOwner } from '../support/system-process.ts';
import { sighting, startWitness } from '../support/witness.ts';

const PORT = 7001;
// 10.92.0.2 in the prefix of RFC 6052, and the IPv6 address that stands for 198.51.100.2.
const EMBEDDED = '64:ff9b::a5c:2';
const IPV4_ALIAS = '198.51.100.2';
const ALIASED = 'fd92::c633:6402';

const POLICY = `
import { definePolicy, nat46, nat64, plugProxy, rule, service, zone } from 'zorp';
const proxy = plugProxy({ timeoutMs: 1_500 });
const old = service('to-ipv4', { proxy, dnat: nat64() });
const modern = service('to-ipv6', { proxy, dnat: nat46({ prefix: 'fd92::', prefixLength: 96 }) });
const clients = zone('clients', { subnets: ${SUBNETS.clients} });
const servers = zone('servers', { subnets: ${SUBNETS.servers}, inboundServices: [old, modern] });
const embedded = zone('embedded', { subnets: ['64:ff9b::/96'] });
const aliases = zone('aliases', { subnets: ['198.51.100.0/24'] });
const protocols = ['tcp', 'udp'] as const;
export default definePolicy({
  zones: [clients, servers, embedded, aliases],
  rules: [
    rule({ id: 64, protocols, ports: ${PORT}, from: clients, to: embedded, service: old }),
    rule({ id: 46, protocols, ports: ${PORT}, from: clients, to: aliases, service: modern }),
  ],
});
`;

describe('NAT between families', needs(...NETWORK_NEEDS, 'socat'), () => {
  const owner = suiteOwner();
  let scene: EdgeScene;

  before(async () => {
    scene = await EdgeScene.open(owner, { policy: POLICY });
    await succeed(scene.network.server, [`ip addr add ${ALIASED}/64 dev eth0 nodad`]);
  });

  const cases = [
    {
      name: 'NAT64',
      rule: 64,
      asked: EMBEDDED,
      client: ADDRESSES.client.ipv6,
      server: ADDRESSES.server.ipv4,
      seen: ADDRESSES.outside.ipv4,
    },
    {
      name: 'NAT46',
      rule: 46,
      asked: IPV4_ALIAS,
      client: ADDRESSES.client.ipv4,
      server: ALIASED,
      seen: ADDRESSES.outside.ipv6,
    },
  ] as const;

  for (const [index, { name, rule, asked, client, server, seen }] of cases.entries())
    for (const protocol of ['tcp', 'udp'] as const)
      it(`${name} ${protocol}`, async () => {
        const { network } = scene;
        await startWitness(network.server, { protocol, address: server, port: PORT }, owner);
        const fromPort = 21_000 + 2 * index + (protocol === 'tcp' ? 0 : 1);
        const at = { protocol, address: asked, port: PORT };
        const answer = await sighting(network.client, at, { fromPort });
        assert.equal(answer.address, seen, 'the server sees the firewall, in its own family');
        assert.equal(answer.text, 'hello\n');
        const record = await scene.recordFrom(fromPort);
        assert.deepEqual(
          [record.rule, record.client.address, record.clientLocal.address, record.server?.address],
          [rule, client, asked, server],
        );
        assert.equal(record.verdict, 'accepted', record.message);
      });
});
