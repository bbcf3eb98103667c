import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ConnectFailure } from '../../src/proxy/engine.ts';
import { mutated } from '../support/arbitraries.ts';
import { ChancePump } from '../support/chance-pump.ts';
import type { Dialogue } from '../support/dialogue.ts';
import { SERVER_DOWN } from '../support/playbook-events.ts';
import { testContext } from '../support/test-session.ts';
import { PROXIES } from './proxies.ts';
import type { ProxyUnderLaw } from './proxy-under-law.ts';
import { tryAll } from './run-law.ts';

// Cheaper than as many cases: each of them has a watchdog of its own (ends-in-time.ts).
const ORDERS = 20;

interface Case {
  readonly variant: string;
  readonly isStacked: boolean;
  readonly dialogue: Dialogue;
  /** What happens in each session. */
  readonly orders: readonly (readonly number[])[];
  readonly chunkSizes: readonly number[];
  readonly connects: readonly ('connected' | ConnectFailure)[];
  readonly stacking: 'passes' | ConnectFailure;
}

function variantsOf({ variants, intricate = [] }: ProxyUnderLaw): fc.Arbitrary<string> {
  const any = fc.constantFrom(...Object.keys(variants));
  return intricate.length === 0 ? any : fc.oneof(any, fc.constantFrom(...intricate));
}

function casesOf(proxy: ProxyUnderLaw): fc.Arbitrary<Case> {
  const { dialogues, longDialogues } = proxy;
  const long = longDialogues ?? dialogues;
  const order = fc.array(fc.noShrink(fc.nat(99_999)), {
    minLength: 40,
    maxLength: 80,
    size: 'max',
  });
  const outcome = fc.constantFrom('connected' as const, 'connected' as const, SERVER_DOWN);
  return fc.record({
    variant: variantsOf(proxy),
    isStacked: fc.nat(4).map((number) => number === 0),
    dialogue: fc.oneof(
      { weight: 6, arbitrary: long },
      { weight: 1, arbitrary: mutated(long) },
      { weight: 1, arbitrary: mutated(dialogues) },
    ),
    orders: fc.array(order, { minLength: 1, maxLength: ORDERS, size: 'max' }),
    chunkSizes: fc.constantFrom([Infinity], [9_000], [100, 20_000]),
    connects: fc.oneof(fc.constant([]), fc.array(outcome, { maxLength: 3 })),
    stacking: fc.constantFrom('passes' as const, 'passes' as const, 'passes' as const, SERVER_DOWN),
  });
}

/** What happened stands in the message of what is thrown. */
function comeBack(proxy: ProxyUnderLaw, one: Case): void {
  const { variant, isStacked, dialogue, orders, ...options } = one;
  for (const order of orders) {
    const engine = proxy.variants[variant]?.create(testContext({ isStacked }));
    if (engine === undefined) return;
    const pump = new ChancePump(engine, dialogue, options);
    try {
      pump.run(order);
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      throw new Error(`${said}\n\n${pump.story.join('\n')}`, { cause: error });
    }
  }
}

for (const proxy of PROXIES)
  describe(`the ${proxy.name} proxy`, () => {
    it('comes back from every event, whoever breaks off and when', () => {
      tryAll(casesOf(proxy), (one) => comeBack(proxy, one));
    });
  });
