// Transparent listeners, the hidden listener of the rules and forged sources, with a packet filter written by hand: as the
// chapter docs/guide/transparent.md does it.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { needsDriver } from '../support/driver-needs.ts';
import { needs } from '../support/needs.ts';
import {
  ADDRESSES,
  INTERFACES,
  NETWORK_NEEDS,
  NetworkLab,
  succeed,
} from '../support/network-lab.ts';
import { suiteOwner } from '../support/system-process.ts';
import { RunningZorp } from '../support/system-zorp.ts';
import { ask, sighting, startWitness } from '../support/witness.ts';

const POLICY = `
import { definePolicy, listener, plugProxy, rule, ruleListener, service, transparentRouter, zone } from 'zorp';

const own = transparentRouter({ forgeAddress: true });
const forged = service('forged', { proxy: plugProxy(), router: own });
const samePort = service('same-port', {
  proxy: plugProxy(), router: transparentRouter({ forgeAddress: true, forgePort: 'exact' }),
});
const plain = service('plain', { proxy: plugProxy(), serverMark: 0x20, serverTos: 0x10 });
const inside = zone('inside', {
  subnets: ['10.91.0.0/24', 'fd91::/64'], outboundServices: ['*'],
});
const outside = zone('outside', { subnets: ['0.0.0.0/0', '::/0'], inboundServices: ['*'] });

/** Tells its client where it waits for another connection of it. */
const expecting = service('expecting', {
  proxy: {
    name: 'expecting', tellsRefusals: false, stacks: [], explain: () => 'expects a connection',
    create: () => ({
      handle(event) {
        const said = (text: string): Uint8Array => new TextEncoder().encode(text);
        if (event.type === 'started') return [{ type: 'expect', port: 'client#1', timeoutMs: 5000 }];
        if (event.type === 'listening')
          return [{ type: 'send', to: 'client', bytes: said('at ' + String(event.address) + '\\n') }];
        if (event.type === 'accepted')
          return [{ type: 'send', to: 'client#1', bytes: said('welcome\\n') }, { type: 'end', to: 'client#1' }];
        if (event.type === 'ended' && event.from === 'client') return [{ type: 'close', verdict: 'accepted', reason: 'done' }];
        return [];
      },
    }),
  },
  router: own,
});

export default definePolicy({
  zones: [inside, outside],
  rules: [
    rule({ from: inside, ports: 7007, service: forged }),
    rule({ from: inside, ports: 7008, interfaces: 'inside0', service: samePort }),
    rule({ from: inside, ports: 7009, service: plain }),
    rule({ from: inside, ports: 7009, interfaces: 'outside0', service: forged }),
  ],
  listeners: [
    ruleListener(),
    listener(['0.0.0.0:50081', '[::]:50081'], forged, {
      name: 'by-hand', transparent: true, redirectPorts: 7010,
    }),
    listener(['0.0.0.0:50082', '[::]:50082'], plain, {
      name: 'redirected', transparent: true, divertedBy: 'redirect',
    }),
    listener(['127.0.0.1:50083', '[::1]:50083'], expecting, { name: 'expecting', transparent: true }),
  ],
});
`;

const MARK = 'meta mark set 0x40000000 accept';

/** One line for each family. */
function tproxy(ports: string, port: number, everywhere = false): string[] {
  const hosts = everywhere ? ['', ''] : ['127.0.0.1', '[::1]'];
  return [`ipv4 tcp dport ${ports} tproxy ip`, `ipv6 tcp dport ${ports} tproxy ip6`].map(
    (start, index) =>
      `iifname "${INTERFACES.inside}" meta nfproto ${start} to ${hosts[index] ?? ''}:${port} ${MARK}`,
  );
}

const RULESET = `
table inet byhand {
  chain running {
    socket transparent 1 socket wildcard 0 ${MARK}
    socket wildcard 1 return
    tcp flags & (fin | syn | rst | ack) != syn socket transparent 1 ${MARK}
  }
  chain bring {
    type filter hook prerouting priority mangle; policy accept;
    meta l4proto tcp jump running
    ${[
      ...tproxy('7007-7009', 50_080),
      ...tproxy('{ 7010, 50081 }', 50_081, true),
      ...tproxy('7012', 50_083),
    ].join('\n    ')}
  }
  chain send {
    type nat hook prerouting priority dstnat;
    iifname "${INTERFACES.inside}" tcp dport 7011 redirect to :50082
  }
}
`;

const ROUTES = ['', '-6 '].flatMap((family) => [
  `ip ${family}rule add fwmark 0x40000000/0x40000000 lookup 50080`,
  `ip ${family}route add local default dev lo table 50080`,
]);

describe(
  'a transparent firewall',
  { ...needs(...NETWORK_NEEDS, 'root', 'socat'), ...needsDriver(), timeout: 90_000 },
  () => {
    const owner = suiteOwner();
    let lab: NetworkLab;
    let zorp: RunningZorp;

    before(async () => {
      lab = await NetworkLab.open(owner);
      const ruleset = lab.firewall.write('byhand.nft', RULESET);
      await succeed(lab.firewall, [`nft -f ${ruleset}`, ...ROUTES]);
      for (const address of Object.values(ADDRESSES.server))
        for (const port of [7007, 7008, 7009, 7010, 7011, 50_081])
          await startWitness(lab.server, { protocol: 'tcp', address, port });
      const policy = lab.firewall.write('policy.ts', POLICY);
      zorp = await RunningZorp.start(owner, policy, { inside: (one) => lab.firewall.inside(one) });
    });

    for (const family of ['ipv4', 'ipv6'] as const) {
      const at = (port: number) =>
        ({ protocol: 'tcp', address: ADDRESSES.server[family], port }) as const;
      const client = ADDRESSES.client[family];

      it(`lets a server see the address of the client, by rules, over ${family}`, async () => {
        const seen = await sighting(lab.client, at(7007));
        assert.deepEqual([seen.address, seen.text], [client, 'hello\n']);
        const record = await zorp.record();
        assert.deepEqual(
          [record.service, record.rule, record.listener, record.verdict],
          ['forged', 1, 'rules', 'accepted'],
        );
        assert.equal(record.clientLocal.address, ADDRESSES.server[family]);
        assert.equal(record.clientLocal.port, 7007);
      });

      it(`keeps the port of the client, too, and knows the interface, over ${family}`, async () => {
        const fromPort = family === 'ipv4' ? 4007 : 4008;
        const seen = await sighting(lab.client, at(7008), { fromPort });
        assert.deepEqual([seen.address, seen.port], [client, fromPort]);
        assert.equal((await zorp.record()).rule, 2);
      });

      it(`connects from its own address where the source is not forged, over ${family}`, async () => {
        const seen = await sighting(lab.client, at(7009));
        assert.equal(seen.address, ADDRESSES.outside[family]);
        const record = await zorp.record();
        assert.deepEqual([record.service, record.rule], ['plain', 3]);
      });

      it(`takes what is redirected to a listener, also to its own port, over ${family}`, async () => {
        for (const port of [7010, 50_081]) {
          assert.equal((await sighting(lab.client, at(port))).address, client);
          const record = await zorp.record();
          assert.deepEqual([record.listener, record.clientLocal.port], ['by-hand', port]);
        }
      });

      it(`asks for the original destination after a redirect, over ${family}`, async () => {
        assert.equal((await sighting(lab.client, at(7011))).address, ADDRESSES.outside[family]);
        const record = await zorp.record();
        assert.equal(record.listener, 'redirected');
        assert.deepEqual(
          [record.clientLocal.address, record.clientLocal.port],
          [ADDRESSES.server[family], 7011],
        );
      });

      it(`refuses what is meant for its own listeners, over ${family}`, async () => {
        for (const port of [50_081, 50_082]) {
          const own = { ...at(port), address: ADDRESSES.inside[family] };
          const { stdout } = await ask(lab.client, own);
          assert.equal(stdout, '');
          assert.equal((await zorp.record()).reason, 'dispatch.loop');
        }
      });

      it(`waits for an expected connection at the address of the server, over ${family}`, async () => {
        const version = family === 'ipv4' ? '4' : '6';
        const host = family === 'ipv4' ? at(7012).address : `[${at(7012).address}]`;
        const first = lab.client.start(['socat', '-t9', '-', `TCP${version}:${host}:7012`]);
        const said = /at (\S+)/;
        await first.says(said);
        const [, place = ''] = said.exec(first.stdout) ?? [];
        assert.ok(place.startsWith(`${host}:`), place);
        const second = await lab.client.run(['socat', '-u', `TCP${version}:${place}`, '-']);
        assert.equal(second.stdout, 'welcome\n');
        await first.stop();
        await zorp.record();
      });
    }
  },
);
