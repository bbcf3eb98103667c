// The generated packet filter against the policy: for random connections the ruleset, carried out by a machine that knows
// nothing of policies, finds the rule that findRule finds, and forwards and translates as decideForward says.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { generateRuleset } from '../../src/packet-filter/generate-ruleset.ts';
import { decideForward } from '../../src/policy/decide-forward.ts';
import { definePolicy } from '../../src/policy/define-policy.ts';
import { explainRule } from '../../src/policy/explain-rule.ts';
import { hasPorts } from '../../src/policy/ip-protocol.ts';
import type { Packet } from '../../src/policy/packet.ts';
import type { PfService } from '../../src/policy/pf-service.ts';
import { pfService } from '../../src/policy/pf-service.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { directedRouter, transparentRouter } from '../../src/policy/router.ts';
import { rule } from '../../src/policy/rule.ts';
import { ownInterface } from '../../src/policy/rule-score.ts';
import type { AnyService } from '../../src/policy/service.ts';
import { zone } from '../../src/policy/zone.ts';
import { Subnet } from '../../src/address/subnet.ts';
import { SocketAddress } from '../../src/address/socket-address.ts';
import { placedPackets, ruleOptions } from '../support/arbitraries-rules.ts';
import type { WireOutcome, WirePacket } from '../support/nft-machine.ts';
import { NftMachine } from '../support/nft-machine.ts';
import { addressText, port, seldom, socketText, subnetText } from '../support/random-addresses.ts';
import type { FilterRuleSeed } from '../support/random-filter-policy.ts';
import { filterPolicyOf } from '../support/random-filter-policy.ts';
import { natOf, natSpec } from '../support/random-nat.ts';
import { ruleOf } from '../support/rule-samples.ts';
import { tryAll } from './run-law.ts';

const PACKETS = 100; // of each policy, so that 100 policies decide 10,000 connections

/** Packets that come by an interface, with both ends of one family. */
const wirePackets = placedPackets.filter(
  ({ client, local, incoming }) =>
    client.address.family === local.address.family && incoming !== undefined,
);

interface RuleCase {
  readonly rules: readonly FilterRuleSeed[];
  readonly packets: readonly Packet[];
  /** How many entries in a row get a map; undefined as in production, where these policies are too small for one. */
  readonly leastRow: number | undefined;
}

const ruleCases: fc.Arbitrary<RuleCase> = fc.record({
  rules: fc.array(fc.tuple(ruleOptions, fc.nat(2)), { minLength: 1, maxLength: 25, size: 'max' }),
  packets: fc.array(wirePackets, { minLength: PACKETS, maxLength: PACKETS }),
  leastRow: fc.constantFrom(2, 3, 5, undefined),
});

function onWire(packet: Packet): WirePacket {
  const { client, local, incoming, icmp = { type: 0, code: 0 } } = packet;
  return {
    source: client.address,
    destination: local.address,
    protocol: packet.protocol,
    sourcePort: client.port,
    port: local.port,
    icmp,
    interfaceName: incoming?.name ?? '',
    interfaceGroup: incoming?.group ?? 0,
    isOwn: ownInterface(packet) !== undefined,
    requestId: packet.requestId,
  };
}

/** The rules that a packet was counted for. */
function rulesIn({ counters }: WireOutcome): readonly number[] {
  return counters
    .filter((name) => name.startsWith('rule_'))
    .map((name) => Number(name.slice('rule_'.length)));
}

/** What the first chains did: where a packet came to. */
function actionOf({ verdict, socket, counters }: WireOutcome): string {
  if (socket !== undefined) return 'plug';
  if (verdict === 'accept') return 'passes';
  return counters.includes('nobody_takes_it') ? 'nobody' : 'deny';
}

function expectedAction(started: AnyService | undefined, protocol: number): string {
  if (started === undefined || started.kind === 'pf-service') return 'passes';
  if (started.kind === 'deny-service') return 'deny';
  return protocol === 6 || protocol === 17 ? 'plug' : 'nobody';
}

describe('the packet filter', () => {
  it('finds for every connection the rule that wins, and does what it starts', () => {
    const seen = new Set<string>();
    tryAll(
      ruleCases,
      (one) => {
        const policy = filterPolicyOf(one.rules);
        const machine = new NftMachine(generateRuleset(policy, one.leastRow).commands);
        for (const packet of one.packets) {
          const match = policy.ruleIndex.best(withMessage(packet));
          const outcome = machine.pass(onWire(packet));
          assert.deepEqual(rulesIn(outcome), match === undefined ? [] : [match.id]);
          const expected = expectedAction(match?.rule.service, packet.protocol);
          assert.equal(actionOf(outcome), expected);
          seen.add(expected);
        }
      },
      {
        show: ({ rules }) => rules.map(([options]) => explainRule(ruleOf(options))).join('\n'),
      },
    );
    assert.deepEqual(seen, new Set(['passes', 'deny', 'plug', 'nobody']));
  });

  it('forwards and translates as decideForward says', () => {
    const seen = new Set<string>();
    tryAll(forwardCases, (one) => {
      const policy = forwardPolicy(one);
      const machine = new NftMachine(generateRuleset(policy).commands);
      for (const seed of one.connections) seen.add(checkForward(policy, machine, seed));
    });
    for (const what of [
      'forwarded',
      'access.outbound',
      'access.inbound',
      'nat.refused',
      'nat.family-mismatch',
    ])
      assert.ok(seen.has(what), what);
  });
});

/** Every message of ICMP has a type and a code. */
function withMessage(packet: Packet): Packet {
  return { ...packet, icmp: packet.icmp ?? { type: 0, code: 0 } };
}

interface Ends {
  readonly client: SocketAddress;
  readonly local: SocketAddress;
  readonly protocol: number;
}

const ends: fc.Arbitrary<Ends> = fc
  .tuple(addressText, addressText, port, port, fc.constantFrom(6, 6, 17, 1, 47))
  .map(([from, to, sourcePort, toPort, protocol]) => ({
    client: socketOf(from, sourcePort),
    local: socketOf(to, toPort),
    protocol,
  }))
  .filter(({ client, local }) => client.address.family === local.address.family);

function socketOf(text: string, number: number): SocketAddress {
  const { address } = SocketAddress.parse(text.includes(':') ? `[${text}]:1` : `${text}:1`);
  return SocketAddress.of(address.unmapped(), number);
}

const router = fc.oneof(
  fc.record({ forge: fc.boolean(), forcedPort: seldom(port), destination: fc.constant(undefined) }),
  fc.record({ forge: fc.boolean(), forcedPort: fc.constant(undefined), destination: socketText }),
);
const nat = seldom(natSpec.filter(({ type }) => !['random', 'nat64', 'nat46'].includes(type)));
const zoneSeed = fc.record({
  subnets: fc.array(subnetText, { maxLength: 3 }),
  parent: fc.nat(5),
  outbound: fc.constantFrom(undefined, undefined, true, false),
  inbound: fc.constantFrom(undefined, undefined, true, false),
});
const forwardCases = fc.record({
  router,
  snat: nat,
  dnat: nat,
  zones: fc.array(zoneSeed, { maxLength: 5 }),
  connections: fc.array(ends, { minLength: PACKETS, maxLength: PACKETS }),
});
type ForwardCase = typeof forwardCases extends fc.Arbitrary<infer Case> ? Case : never;

function forwardPolicy({ router: seed, snat, dnat, zones }: ForwardCase): Policy {
  const { forge: forgeAddress, forcedPort, destination } = seed;
  const forward = pfService('forward', {
    router:
      destination === undefined
        ? transparentRouter({ forgeAddress, ...(forcedPort === undefined ? {} : { forcedPort }) })
        : directedRouter({ destination, forgeAddress }),
    ...(snat === undefined ? {} : { snat: natOf(snat) }),
    ...(dnat === undefined ? {} : { dnat: natOf(dnat) }),
  });
  return definePolicy({ zones: zonesOf(zones, forward), rules: [rule({ service: forward })] });
}

function zonesOf(seeds: ForwardCase['zones'], forward: PfService) {
  const zones: ReturnType<typeof zone>[] = [];
  const taken = new Set<string>();
  for (const [index, { subnets, parent: above, outbound, inbound }] of seeds.entries()) {
    const own = subnets.filter((text) => !taken.has(normal(text)));
    for (const text of own) taken.add(normal(text));
    const parent = zones[above];
    const listOf = (permits: boolean | undefined) => (permits === true ? [forward] : []);
    zones.push(
      zone(`zone${index}`, {
        subnets: [...new Map(own.map((text) => [normal(text), text])).values()],
        ...(parent === undefined ? {} : { parent }),
        ...(outbound === undefined ? {} : { outboundServices: listOf(outbound) }),
        ...(inbound === undefined ? {} : { inboundServices: listOf(inbound) }),
      }),
    );
  }
  return zones;
}

function normal(text: string): string {
  return String(Subnet.parse(text));
}

function checkForward(
  policy: Policy,
  machine: NftMachine,
  { client, local, protocol }: Ends,
): string {
  const listener = policy.instances.get('zorp')?.[0];
  assert.ok(listener !== undefined);
  const decision = decideForward(policy, { instance: 'zorp', listener, client, local, protocol });
  assert.ok(decision !== undefined);
  const incoming = { name: 'eth0', group: 0, addresses: [] };
  const zones = { clientZone: undefined, destinationZone: undefined };
  const outcome = machine.pass(onWire({ client, local, protocol, incoming, ...zones }));
  if (decision.outcome === 'refused') {
    assert.equal(outcome.verdict, 'drop');
    assert.ok(outcome.counters.includes('refused_forward'));
    return decision.refusal.reason;
  }
  const { server, source } = decision;
  assert.ok(server !== undefined);
  assert.equal(outcome.verdict, 'accept');
  assert.equal(String(outcome.destination), String(server.address));
  assert.equal(String(outcome.source), source === undefined ? 'interface' : String(source.address));
  if (hasPorts(protocol)) assert.equal(outcome.port, server.port);
  if (hasPorts(protocol) && source !== undefined && source.port !== 0)
    assert.equal(outcome.sourcePort, source.port);
  return decision.outcome;
}
