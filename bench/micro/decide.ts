// What decide() costs: at accept, and with the server side, beside the plainest thing that could decide at all: one
// zone lookup a side and one set for each list, without a trace. Then by rules, over zones with 5,000 subnets: each
// connection another one ("cold", as far as the processor's caches go), and the same one over and over ("warm").
// Run: node bench/micro/decide.ts

import type { ConnectionFacts } from '../../src/policy/decide.ts';
import { decide } from '../../src/policy/decide.ts';
import { SocketAddress } from '../../src/address/socket-address.ts';
import { definePolicy } from '../../src/policy/define-policy.ts';
import { explainDecision } from '../../src/policy/explain.ts';
import { csZoneListener, listener } from '../../src/policy/listener.ts';
import { ruleListener } from '../../src/policy/rule-listener.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { findZone } from '../../src/policy/policy.ts';
import { rule } from '../../src/policy/rule.ts';
import { RuleIndex } from '../../src/policy/rule-index.ts';
import { service } from '../../src/policy/service.ts';
import { zone } from '../../src/policy/zone.ts';
import type { ProxyFactory } from '../../src/proxy/engine.ts';
import { packetsOf, rulesOf, zones } from '../rule-sets.ts';
import type { Contestant, Result } from './measure.ts';
import { measure, tableOf } from './measure.ts';

const proxy: ProxyFactory = {
  name: 'idle',
  tellsRefusals: false,
  stacks: [],
  create: () => ({ handle: () => [] }),
  explain: () => 'does nothing',
};
const web = service('web', { proxy });
const company = zone('company', { subnets: ['10.0.0.0/8'], outboundServices: [web] });
const site = zone('site', { subnets: ['10.1.0.0/16'], parent: company });
const office = zone('office', { subnets: ['10.1.2.0/24'], parent: site });
const internet = zone('internet', { subnets: ['0.0.0.0/0', '::/0'], inboundServices: ['*'] });
const plain = listener('192.0.2.1:80', web);
const doors = csZoneListener('192.0.2.1:81', {
  followParent: true,
  services: [
    { from: site, to: internet, service: web },
    { from: company, to: '*', service: web },
    { from: '*', to: '*', service: web },
  ],
});
const policy = definePolicy({
  zones: [company, site, office, internet],
  listeners: [plain, doors],
});

const addresses = {
  instance: 'zorp',
  client: SocketAddress.parse('10.1.2.3:40000'),
  local: SocketAddress.parse('203.0.113.80:80'),
};
const atAccept: ConnectionFacts = { ...addresses, listener: plain };
const atConnect: ConnectionFacts = { ...addresses, listener: plain, connect: {} };
const byZones: ConnectionFacts = { ...addresses, listener: doors, connect: {} };

const SIZES = [10, 100, 1000, 10_000, 100_000];
const CONNECTIONS = 65_536;
const ruled = ruleListener('192.0.2.1:82');
const ruledPolicy = definePolicy({
  zones,
  rules: [rule({ service: web })],
  listeners: [ruled],
});
const connections = packetsOf(CONNECTIONS).map(
  ({ client, local, protocol, incoming }): ConnectionFacts => {
    const places = { instance: 'zorp', listener: ruled, client, local };
    return { ...places, protocol, incoming, connect: {} };
  },
);

/** Measures decisions; the first result is the baseline. */
export function run(): Result[] {
  return measure([
    { name: 'two lookups and two sets, no trace', run: repeat(decidePlainly) },
    { name: 'decide at accept', run: repeat(() => decide(policy, atAccept)) },
    { name: 'decide with connect', run: repeat(() => decide(policy, atConnect)) },
    { name: 'decide with connect, by two zones', run: repeat(() => decide(policy, byZones)) },
    { name: 'the same, explained', run: repeat(() => explainDecision(decide(policy, byZones))) },
    ...byRules(),
  ]);
}

/** Decisions by rules; they are put into the policy as they are, since what rule() costs is not what is measured. */
function byRules(): readonly Contestant[] {
  const [same] = connections;
  return SIZES.flatMap((size) => {
    const ruleIndex = new RuleIndex(rulesOf('mix', size, web));
    const given: Policy = { ...ruledPolicy, ruleIndex };
    const name = `decide with connect, by ${size} rules`;
    let next = 0;
    return [
      {
        name: `${name}, cold`,
        run: repeat(() => decideOne(given, connections[next++ % CONNECTIONS])),
      },
      { name: `${name}, warm`, run: repeat(() => decideOne(given, same)) },
    ];
  });
}

function decideOne(given: Policy, facts: ConnectionFacts | undefined): unknown {
  return facts === undefined ? undefined : decide(given, facts);
}

function decidePlainly(): boolean {
  const client = findZone(policy, addresses.client.address);
  const server = findZone(policy, addresses.local.address);
  if (client === undefined || server === undefined) return false;
  const mayEnter = policy.lists.get(server)?.inbound?.has('*') === true;
  return policy.lists.get(company)?.outbound?.has(web) === true && mayEnter;
}

function repeat(call: () => unknown): (count: number) => unknown {
  return (count) => {
    let last: unknown;
    for (let index = 0; index < count; index++) last = call();
    return last;
  };
}

if (import.meta.main) console.log(tableOf('One decision', run()));
