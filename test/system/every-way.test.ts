// Connections that are meant for a server and come to Zorp all the same: over IPv4 and IPv6, TCP and UDP, by a rule and by
// a listener of their own, and on to the server from the address of the firewall or of the client.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { EdgeScene, SUBNETS } from '../support/edge-scene.ts';
import { needs } from '../support/needs.ts';
import type { LabFamily } from '../support/network-lab.ts';
import { ADDRESSES, NETWORK_NEEDS } from '../support/network-lab.ts';
import { suiteOwner } from '../support/system-process.ts';
import type { LabProtocol } from '../support/witness.ts';
import { ask, sighting, startWitness } from '../support/witness.ts';

/** One way to reach a server. */
interface Way {
  readonly family: LabFamily;
  readonly protocol: LabProtocol;
  readonly source: 'plain' | 'forged';
  readonly by: 'rule' | 'listener';
}

const PORTS = {
  anywhere: 7009,
  rule: { plain: 7001, forged: 7002 },
  listener: { plain: 7003, forged: 7004 },
} as const;

const WAYS = (['ipv4', 'ipv6'] as const).flatMap((family) =>
  (['tcp', 'udp'] as const).flatMap((protocol) =>
    (['plain', 'forged'] as const).flatMap((source) =>
      (['rule', 'listener'] as const).map((by): Way => ({ family, protocol, source, by })),
    ),
  ),
);

const POLICY = `
import { definePolicy, listener, plugProxy, receiver, rule, ruleListener, service, transparentRouter, zone } from 'zorp';
const proxy = plugProxy({ timeoutMs: 1_500 });
const plain = service('plain', { proxy, router: transparentRouter() });
const forged = service('forged', { proxy, router: transparentRouter({ forgeAddress: true }) });
const both = [plain, forged];
const clients = zone('clients', { subnets: ${SUBNETS.clients}, outboundServices: both });
const servers = zone('servers', { subnets: ${SUBNETS.servers}, inboundServices: both });
const protocols = ['tcp', 'udp'] as const;
export default definePolicy({
  zones: [clients, servers],
  rules: [
    rule({ id: 11, protocols, ports: ${PORTS.rule.plain}, from: clients, to: servers, service: plain }),
    rule({ id: 13, protocols, ports: ${PORTS.anywhere}, from: clients, service: plain }),
    rule({ id: 12, protocols, ports: ${PORTS.rule.forged}, from: clients, to: servers, service: forged }),
  ],
  listeners: [
    ruleListener(),
    ...[['127.0.0.1', 'v4'], ['[::1]', 'v6']].flatMap(([host, name]) => [
      listener(host + ':51001', plain, { transparent: true, redirectPorts: ${PORTS.listener.plain} }),
      listener(host + ':51002', forged, { transparent: true, redirectPorts: ${PORTS.listener.forged} }),
      receiver(host + ':51001', plain, { transparent: true, redirectPorts: ${PORTS.listener.plain}, name: 'udp-plain-' + name }),
      receiver(host + ':51002', forged, { transparent: true, redirectPorts: ${PORTS.listener.forged}, name: 'udp-forged-' + name }),
    ]),
  ],
});
`;

describe('every way through a firewall', needs(...NETWORK_NEEDS, 'socat'), () => {
  const owner = suiteOwner();
  let scene: EdgeScene;

  before(async () => {
    scene = await EdgeScene.open(owner, { policy: POLICY });
  });

  for (const [index, way] of WAYS.entries()) {
    const { family, protocol, source, by } = way;
    it(`${family} ${protocol} ${source} by ${by}`, async () => {
      const { client, server } = scene.network;
      const at = { protocol, address: ADDRESSES.server[family], port: PORTS[by][source] };
      await startWitness(server, at, owner);
      const fromPort = 20_000 + index;
      const seen = await sighting(client, at, { fromPort, text: `${by} ${source}\n` });
      assert.equal(seen.text, `${by} ${source}\n`);
      const sender = source === 'forged' ? ADDRESSES.client : ADDRESSES.outside;
      assert.equal(seen.address, sender[family], 'the server sees where it comes from');

      const record = await scene.recordFrom(fromPort);
      const { client: from, clientLocal, server: to, serverLocal, rule, service } = record;
      assert.deepEqual(
        [rule, service],
        [by === 'rule' ? { plain: 11, forged: 12 }[source] : null, source],
      );
      assert.equal(from.address, ADDRESSES.client[family]);
      const wanted = [at.address, at.port];
      assert.deepEqual([clientLocal.address, clientLocal.port], wanted, 'the original destination');
      assert.deepEqual([to?.address, to?.port], wanted);
      assert.deepEqual([serverLocal?.address, serverLocal?.port], [seen.address, seen.port]);
      assert.equal(record.verdict, 'accepted', record.message);
    });
  }

  for (const family of ['ipv4', 'ipv6'] as const) {
    const loopback = { ipv4: '127.0.0.1', ipv6: '::1' }[family];

    it(`refuses what would lead to itself, ${family}`, async () => {
      const { firewall } = scene.network;
      const fromPort = family === 'ipv4' ? 22_004 : 22_006;
      for (const [index, port] of [50_080, 51_001].entries()) {
        const hidden = { protocol: 'tcp', address: loopback, port } as const;
        const asked = await ask(firewall, hidden, { fromPort: fromPort + index, seconds: 1 });
        assert.equal(asked.stdout, '', `port ${port}`);
        const { verdict, reason } = await scene.recordFrom(fromPort + index);
        assert.deepEqual([verdict, reason], ['denied-by-policy', 'dispatch.loop']);
      }
    });

    it(`goes round once where the firewall itself is asked, ${family}`, async () => {
      const at = {
        protocol: 'tcp',
        address: ADDRESSES.inside[family],
        port: PORTS.anywhere,
      } as const;
      const fromPort = family === 'ipv4' ? 22_014 : 22_016;
      const before = scene.zorp.records.length;
      const asked = await ask(scene.network.client, at, { fromPort, seconds: 1 });
      assert.equal(asked.stdout, '');
      const { rule, verdict, reason } = await scene.recordFrom(fromPort);
      assert.deepEqual(
        [rule, verdict, reason],
        [13, 'denied-by-connection-fail', 'connect.refused'],
      );
      assert.equal(scene.zorp.records.length, before + 1, 'it did not come back to Zorp');
    });
  }
});
