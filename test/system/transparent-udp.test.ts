// Datagrams that are meant for others: brought by tproxy, answered from where they went, sent on from the client's own
// address or from the firewall's.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { needsDriver } from '../support/driver-needs.ts';
import { needs } from '../support/needs.ts';
import type { LabFamily } from '../support/network-lab.ts';
import { ADDRESSES, NETWORK_NEEDS, NetworkLab, succeed } from '../support/network-lab.ts';
import { suiteOwner } from '../support/system-process.ts';
import { RunningZorp } from '../support/system-zorp.ts';
import { ask, sighting, startWitness } from '../support/witness.ts';

const PORTS = { plain: 7001, forged: 7002, exact: 7003 } as const;

const POLICY = `
import { definePolicy, plugProxy, receiver, service, transparentRouter, zone } from 'zorp';
const proxy = plugProxy({ timeoutMs: 300 });
const plain = service('plain', { proxy, router: transparentRouter() });
const forged = service('forged', { proxy, router: transparentRouter({ forgeAddress: true }) });
const exact = service('exact', {
  proxy, router: transparentRouter({ forgeAddress: true, forgePort: 'exact' }),
});
const all = [plain, forged, exact];
const everywhere = zone('everywhere', {
  subnets: ['0.0.0.0/0', '::/0'], outboundServices: all, inboundServices: all,
});
const on = (port: number) => [\`127.0.0.1:\${port}\`, \`[::1]:\${port}\`];
export default definePolicy({
  zones: [everywhere],
  listeners: all.map((one, index) =>
    receiver(on(50_001 + index), one, { name: one.name, transparent: true }),
  ),
});
`;

/** What the recipe of tproxy needs, for the ports of this test. */
const RULES = `table inet lab {
  chain pre {
    type filter hook prerouting priority mangle; policy accept;
    meta l4proto udp socket transparent 1 meta mark set 1 accept
    ${Object.values(PORTS)
      .flatMap((port, index) => [
        `iifname "inside0" meta nfproto ipv4 udp dport ${port} tproxy ip to 127.0.0.1:${50_001 + index} meta mark set 1 accept`,
        `iifname "inside0" meta nfproto ipv6 udp dport ${port} tproxy ip6 to [::1]:${50_001 + index} meta mark set 1 accept`,
      ])
      .join('\n    ')}
  }
}
`;

const ROUTES = ['', '-6 '].flatMap((family) => [
  `ip ${family}rule add fwmark 1 lookup 100`,
  `ip ${family}route add local default dev lo table 100`,
]);

async function open(t: TestContext): Promise<{ lab: NetworkLab; zorp: RunningZorp }> {
  const lab = await NetworkLab.open(t);
  const rules = lab.firewall.write('rules.nft', RULES);
  await succeed(lab.firewall, [...ROUTES, `nft -f ${rules}`]);
  const policy = lab.firewall.write('policy.ts', POLICY);
  const zorp = await RunningZorp.start(t, policy, { inside: (one) => lab.firewall.inside(one) });
  return { lab, zorp };
}

describe('a transparent receiver', needs(...NETWORK_NEEDS, 'socat'), () => {
  const owner = suiteOwner();

  it(
    'answers from where a client sent to, and comes to the server from where it is told to',
    needsDriver(),
    async (t) => {
      const { lab, zorp } = await open(t);
      for (const family of ['ipv4', 'ipv6'] as const satisfies readonly LabFamily[])
        for (const [name, port] of Object.entries(PORTS)) {
          const at = { protocol: 'udp', address: ADDRESSES.server[family], port } as const;
          await startWitness(lab.server, at, owner);
          const fromPort = 4000 + port;
          const seen = await sighting(lab.client, at, { fromPort });
          const expected = ADDRESSES[name === 'plain' ? 'outside' : 'client'][family];
          assert.deepEqual([seen.address, seen.text], [expected, 'hello\n'], `${name} ${family}`);
          if (name === 'exact') assert.equal(seen.port, fromPort);
          const record = await zorp.record();
          assert.deepEqual(
            [record.service, record.protocol, record.clientLocal, record.server?.address],
            [name, 'udp', { address: at.address, port }, at.address],
          );
          assert.equal(record.client.address, ADDRESSES.client[family]);
        }
    },
  );

  it('gives nothing to those who send to its own address', needsDriver(), async (t) => {
    const { lab, zorp } = await open(t);
    await succeed(lab.firewall, ['echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet']);
    const at = { protocol: 'udp', address: '127.0.0.1', port: 50_001 } as const;
    const { stdout } = await ask(lab.firewall, at, { seconds: 1 });
    assert.equal(stdout, '');
    const record = await zorp.record();
    assert.equal(record.verdict, 'denied-by-policy');
  });
});
