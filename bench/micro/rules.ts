// What it costs to find the rule of a packet, from ten rules to 100,000: each packet another one ("cold", as far as the
// processor's caches go) and the same packet over and over ("warm"). The costs should not grow with the rules.
// Run: node --expose-gc bench/micro/rules.ts

import { RuleIndex } from '../../src/policy/rule-index.ts';
import { scoreOf } from '../../src/policy/rule-score.ts';
import type { NumberedRule } from '../../src/policy/number-rules.ts';
import type { Packet } from '../../src/policy/packet.ts';
import { KINDS, packetsOf, rulesOf } from '../rule-sets.ts';
import type { Result } from './measure.ts';
import { measure, tableOf } from './measure.ts';

const SIZES = [10, 100, 1000, 10_000, 100_000];
const BORING_SIZES = [100, 100_000];
const PACKETS = 65_536;
const packets = packetsOf(PACKETS);
const [samePacket] = packets;

/** Measures searches; the first result is a scan of 100 rules. */
export function run(): Result[] {
  const mixed = SIZES.map((size) => ({ size, index: built('mix', size) }));
  const boring = Object.keys(KINDS)
    .filter((kind) => kind !== 'mix')
    .flatMap((kind) => BORING_SIZES.map((size) => ({ kind, size, index: built(kind, size) })));
  return measure([
    { name: 'scan of 100 rules', run: scans(rulesOf('mix', 100)) },
    ...mixed.map(({ size, index }) => ({ name: `mix of ${size}, cold`, run: cold(index) })),
    ...mixed.map(({ size, index }) => ({ name: `mix of ${size}, warm`, run: warm(index) })),
    ...boring.map(({ kind, size, index }) => ({
      name: `${kind}: ${size}, cold`,
      run: cold(index),
    })),
  ]);
}

function cold(index: RuleIndex): (count: number) => number {
  let next = 0;
  return (count) => {
    let found = 0;
    for (let done = 0; done < count; done++) {
      const packet = packets[next++ % PACKETS];
      if (packet !== undefined && index.best(packet) !== undefined) found++;
    }
    return found;
  };
}

function warm(index: RuleIndex): (count: number) => number {
  return (count) => {
    let found = 0;
    for (let done = 0; done < count; done++)
      if (samePacket !== undefined && index.best(samePacket) !== undefined) found++;
    return found;
  };
}

function scans(rules: readonly NumberedRule[]): (count: number) => number {
  return (count) => {
    let found = 0;
    for (let done = 0; done < count; done++) {
      const packet = packets[done % PACKETS];
      if (packet !== undefined) found += matching(rules, packet);
    }
    return found;
  };
}

function matching(rules: readonly NumberedRule[], packet: Packet): number {
  let count = 0;
  for (const { rule } of rules) if (scoreOf(rule, packet) !== undefined) count++;
  return count;
}

function built(kind: string, size: number): RuleIndex {
  const rules = rulesOf(kind, size);
  globalThis.gc?.();
  const before = memory();
  const start = performance.now();
  const index = new RuleIndex(rules);
  const buildMs = performance.now() - start;
  globalThis.gc?.();
  if (import.meta.main) {
    const kilobytes = (memory() - before) / 1024;
    console.log(
      `${kind}: ${size} rules, index built in ${buildMs.toFixed(0)} ms, ${kilobytes.toFixed(0)} KB`,
    );
  }
  return index;
}

function memory(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

if (import.meta.main) console.log(tableOf('The rule of one packet', run()));
