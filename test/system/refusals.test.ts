// Every way in which a denyService turns packets away in the packet filter: what the client is told, and that the server
// hears nothing.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { IPV4_REPLIES, IPV6_REPLIES } from '../../src/policy/refusal-kind.ts';
import { EdgeScene, SUBNETS } from '../support/edge-scene.ts';
import { needs } from '../support/needs.ts';
import type { LabFamily } from '../support/network-lab.ts';
import { ADDRESSES, NETWORK_NEEDS, succeed } from '../support/network-lab.ts';
import { PacketCapture } from '../support/packet-capture.ts';
import { suiteOwner } from '../support/system-process.ts';
import type { LabProtocol } from '../support/witness.ts';
import { ask } from '../support/witness.ts';

const FIRST_PORT = 6000;
/** Whose `reply` is both families'. */
const COMMON_PORT = 6900;

// A port for each kind; the rule of a port is for both protocols.
const POLICY = `
import { definePolicy, denyService, rule, zone } from 'zorp';
const clients = zone('clients', { subnets: ${SUBNETS.clients} });
const servers = zone('servers', { subnets: ${SUBNETS.servers} });
const between = { from: clients, to: servers, protocols: ['tcp', 'udp'] } as const;
const ipv4 = ${JSON.stringify(IPV4_REPLIES)} as const;
const ipv6 = ${JSON.stringify(IPV6_REPLIES)} as const;
export default definePolicy({
  zones: [clients, servers],
  rules: [
    ...ipv4.map((ipv4Reply, index) =>
      rule({ ...between, ports: ${FIRST_PORT} + index, service: denyService('ipv4-' + ipv4Reply, { ipv4Reply }) })),
    ...ipv6.map((ipv6Reply, index) =>
      rule({ ...between, ports: ${FIRST_PORT + 100} + index, service: denyService('ipv6-' + ipv6Reply, { ipv6Reply }) })),
    rule({ ...between, ports: ${COMMON_PORT}, service: denyService('common', { reply: 'icmp-port-unreachable' }) }),
  ],
});
`;

/** What tcpdump calls the messages. */
const TOLD: Readonly<Record<string, RegExp | undefined>> = {
  'tcp-reset': /Flags \[R/,
  'icmp-net-unreachable': /ICMP net 10\.92\.0\.2 unreachable/,
  'icmp-host-unreachable': /ICMP host 10\.92\.0\.2 unreachable,/,
  'icmp-proto-unreachable': /ICMP 10\.92\.0\.2 protocol \d+ (port \d+ )?unreachable/,
  'icmp-net-prohibited':
    /ICMP net 10\.92\.0\.2 unreachable - admin prohibited|ICMP.* unreachable - net.* prohibited/,
  'icmp-host-prohibited': /ICMP host 10\.92\.0\.2 unreachable - admin prohibited,/,
  'ipv4 icmp-port-unreachable': /ICMP 10\.92\.0\.2 (?:tcp|udp) port \d+ unreachable/,
  'ipv4 icmp-admin-prohibited': /ICMP host 10\.92\.0\.2 unreachable - admin prohibited filter/,
  'icmp-no-route': /ICMP6, destination unreachable, unreachable route/,
  'icmp-addr-unreachable': /ICMP6, destination unreachable, unreachable address/,
  'ipv6 icmp-port-unreachable': /ICMP6, destination unreachable, unreachable port/,
  'ipv6 icmp-admin-prohibited': /ICMP6, destination unreachable, {1,2}unreachable prohibited/,
};

interface Refusal {
  readonly family: LabFamily;
  readonly reply: string;
  readonly port: number;
}

const REFUSALS: readonly Refusal[] = [
  ...IPV4_REPLIES.map(
    (reply, index) => ({ family: 'ipv4', reply, port: FIRST_PORT + index }) as const,
  ),
  ...IPV6_REPLIES.map(
    (reply, index) => ({ family: 'ipv6', reply, port: FIRST_PORT + 100 + index }) as const,
  ),
  { family: 'ipv4', reply: 'icmp-port-unreachable', port: COMMON_PORT },
  { family: 'ipv6', reply: 'icmp-port-unreachable', port: COMMON_PORT },
];

/** What a client hears of a refusal; a reset is for TCP alone. */
function toldOf({ family, reply }: Refusal, protocol: LabProtocol): RegExp | undefined {
  if (reply === 'tcp-reset' && protocol === 'udp') return undefined;
  return TOLD[`${family} ${reply}`] ?? TOLD[reply];
}

describe('a denyService in the packet filter', needs(...NETWORK_NEEDS, 'socat', 'tcpdump'), () => {
  const owner = suiteOwner();
  let scene: EdgeScene;
  let heard: PacketCapture;

  before(async () => {
    scene = await EdgeScene.prepare(owner, { policy: POLICY });
    await scene.commit();
    // Otherwise the kernel tells one client only about one message a second.
    await succeed(scene.network.firewall, [
      'echo 0 > /proc/sys/net/ipv4/icmp_ratelimit',
      'echo 0 > /proc/sys/net/ipv6/icmp/ratelimit',
    ]);
    heard = await PacketCapture.start(scene.network.server, { filter: 'tcp or udp' });
  });

  for (const refusal of REFUSALS)
    for (const protocol of ['tcp', 'udp'] as const) {
      const { family, reply, port } = refusal;
      it(`${family} ${protocol} port ${port}: ${reply}`, async () => {
        const { client } = scene.network;
        const filter =
          'icmp or (icmp6 and ip6[40] == 1) or tcp[tcpflags] & tcp-rst != 0 or (ip6 and tcp)';
        const told = await PacketCapture.start(client, { filter });
        const at = { protocol, address: ADDRESSES.server[family], port };
        const expected = toldOf(refusal, protocol);
        const { status, stdout, stderr } = await ask(client, at, { seconds: 1 });
        assert.equal(stdout, '');
        if (expected !== undefined) {
          await told.sees(expected);
          // A UDP socket does not hear of what may pass: ip(7), IP_RECVERR.
          if (protocol === 'tcp') assert.equal(status, 1, 'the client gives up');
        } else {
          const refusals = told.lines.filter((line) => /ICMP|Flags \[R/.test(line));
          assert.deepEqual(refusals, [], `nothing is told; ${stderr}`);
        }
        assert.deepEqual(heard.lines, [], 'and the server hears nothing');
      });
    }
});
