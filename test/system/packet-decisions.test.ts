// The generated packet filter in a real kernel against the policy: thousands of spoofed packets of random protocols come in
// by three interfaces, and each is counted by the rule that wins, and by no other.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { generateRuleset } from '../../src/packet-filter/generate-ruleset.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { placedPackets, ruleOptions } from '../support/arbitraries-rules.ts';
import { needsDriver } from '../support/driver-needs.ts';
import { needs } from '../support/needs.ts';
import type { SentPacket } from '../support/packet-lab.ts';
import { BATCH, PACKET_INTERFACES, PACKET_LAB_NEEDS, PacketLab } from '../support/packet-lab.ts';
import { filterPolicyOf } from '../support/random-filter-policy.ts';

const SEED = 80;
const POLICIES = 12;
const BATCHES = 8; // of each policy: 1,152 packets together

const policies = fc.array(fc.tuple(ruleOptions, fc.nat(2)), {
  minLength: 10,
  maxLength: 25,
  size: 'max',
});
const protocol = fc.constantFrom(6, 6, 6, 17, 17, 1, 1, 58, 58, 132, 47);
const icmp = fc.record({ type: fc.constantFrom(0, 1, 2, 8, 128), code: fc.nat(2) });
const packets = fc
  .tuple(placedPackets, fc.constantFrom(...PACKET_INTERFACES), protocol, icmp)
  .map(([packet, incoming, number, message]) => {
    return { ...packet, incoming, requestId: undefined, protocol: number, icmp: message };
  })
  .filter(({ client, local }) => client.address.family === local.address.family);
type Probe = typeof packets extends fc.Arbitrary<infer Value> ? Value : never;

/** conntrack takes packets between the same ends for one connection. */
function isAnother(one: Probe, other: Probe): boolean {
  return endsOf(one) !== endsOf(other);
}

function endsOf({ client, local }: Probe): string {
  return [client.address, local.address].map(String).sort().join(' ');
}

const batches = fc.uniqueArray(packets, {
  minLength: BATCH,
  maxLength: BATCH,
  comparator: (one, other) => !isAnother(one, other),
});

describe(
  'the packet filter in the kernel',
  { ...needs(...PACKET_LAB_NEEDS), ...needsDriver(), timeout: 120_000 },
  () => {
    it('counts every packet for the rule that wins, and does what it starts', async (context) => {
      const lab = await PacketLab.open(context);
      const seen = new Map<string, number>();
      for (const [number, seeds] of fc
        .sample(policies, { numRuns: POLICIES, seed: SEED })
        .entries()) {
        const policy = filterPolicyOf(seeds);
        // Every other one with maps, which policies get only where many rules are in a row.
        await lab.load(generateRuleset(policy, number % 2 === 0 ? undefined : 2).commands);
        for (const batch of fc.sample(batches, { numRuns: BATCHES, seed: SEED + number }))
          for (const [index, counted] of (await lab.send(batch)).entries()) {
            const packet = batch[index];
            assert.ok(packet !== undefined);
            const { action, counters } = expectedOf(policy, packet, counted.includes('invalid'));
            assert.deepEqual(counted.toSorted(), counters, textOf(packet));
            seen.set(action, (seen.get(action) ?? 0) + 1);
          }
      }
      for (const action of ACTIONS)
        assert.ok((seen.get(action) ?? 0) >= 20, `${action} ${JSON.stringify([...seen])}`);
    });
  },
);

const ACTIONS = ['none', 'deny-service', 'pf-service', 'service'] as const;

// By what the rule that wins starts: the counters of a packet that it gets, and of one that fits no connection.
const COUNTERS: Readonly<Record<(typeof ACTIONS)[number], readonly (readonly string[])[]>> = {
  none: [['passed'], ['passed']],
  'deny-service': [['service_deny'], ['service_deny']],
  'pf-service': [['passed'], ['refused_forward']],
  service: [['service_plug', 'nobody_takes_it'], ['service_plug']],
};

/** What becomes of a packet, and the counters that it must be counted by. */
function expectedOf(
  policy: Policy,
  packet: Probe & SentPacket,
  isInvalid: boolean,
): { readonly action: string; readonly counters: readonly string[] } {
  const winner = policy.ruleIndex.best(packet);
  const action = winner?.rule.service?.kind ?? 'none';
  const of = COUNTERS[action][isInvalid ? 1 : 0] ?? [];
  const rules = winner === undefined ? [] : [`rule_${winner.id}`];
  const counters = ['arrived', ...(isInvalid ? ['invalid'] : []), ...rules, ...of];
  return { action, counters: counters.sort() };
}

function textOf({ client, local, protocol: number, icmp: message, incoming }: Probe): string {
  return JSON.stringify({
    client: String(client),
    local: String(local),
    protocol: number,
    message,
    incoming: incoming.name,
  });
}
