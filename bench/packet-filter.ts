// What the packet filter of a policy costs the first packet of a connection, by the number of rules: UDP packets, each
// another one, that come to a machine with the generated ruleset. Run as root: node bench/packet-filter.ts

import { generateRuleset } from '../src/packet-filter/generate-ruleset.ts';
import { definePolicy } from '../src/policy/define-policy.ts';
import { rule } from '../src/policy/rule.ts';
import { denyService } from '../src/policy/service.ts';
import { PACKET_INTERFACES, PacketLab } from '../test/support/packet-lab.ts';
import { KINDS, packetsOf, rulesOf, zones } from './rule-sets.ts';

const SIZES = [10, 100, 1000, 10_000];
const PACKETS = 2048;
const ROUNDS = 5;

const dropped = denyService('dropped');
const [incoming] = PACKET_INTERFACES;

async function main(kind: string): Promise<void> {
  const ends: (() => Promise<void>)[] = [];
  const lab = await PacketLab.open({ after: (end) => void ends.push(end) });
  try {
    if (incoming === undefined) return;
    const probes = packetsOf(PACKETS).map((one) => ({ ...one, incoming }));
    lab.keep(probes);
    await lab.load([]);
    const without = await medianUs(lab);
    console.log(`${kind}\nno ruleset: ${without.toFixed(2)} us a packet`);
    const [one] = [rule({ service: dropped })];
    const policy = definePolicy({ zones, rules: [one] });
    for (const size of SIZES) {
      const start = performance.now();
      const { commands } = generateRuleset({ ...policy, rules: rulesOf(kind, size, dropped) });
      const generated = performance.now();
      await lab.load(commands);
      const loaded = performance.now();
      const costUs = (await medianUs(lab)) - without;
      console.log(
        `${size} rules: ${costUs.toFixed(2)} us more, ${commands.length} commands, generated in ${(generated - start).toFixed(0)} ms, loaded in ${(loaded - generated).toFixed(0)} ms`,
      );
    }
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

/** The median of some rounds. */
async function medianUs(lab: PacketLab): Promise<number> {
  const figures: number[] = [];
  for (let round = 0; round < ROUNDS; round++) figures.push(await lab.timeUs(PACKETS));
  return figures.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? NaN;
}

for (const kind of process.argv.length > 2 ? process.argv.slice(2) : ['mix']) {
  if (!Object.hasOwn(KINDS, kind))
    throw new Error(`The kinds are ${Object.keys(KINDS).join(', ')}`);
  await main(kind);
}
