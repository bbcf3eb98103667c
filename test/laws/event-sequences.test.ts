import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ProxyEngine, ProxyEvent } from '../../src/proxy/engine.ts';
import { anyByte, eventSequences } from '../support/arbitraries.ts';
import type { Dialogue } from '../support/dialogue.ts';
import { handleBorrowed } from '../support/playbook.ts';
import { showAction, showEvent } from '../support/show-action.ts';
import { testContext } from '../support/test-session.ts';
import { PROXIES } from './proxies.ts';
import type { ProxyUnderLaw } from './proxy-under-law.ts';
import { tryAll } from './run-law.ts';

interface Case {
  readonly variant: string;
  readonly isStacked: boolean;
  readonly protocol: 'tcp' | 'udp';
  readonly events: readonly ProxyEvent[];
}

/** Whole turns of the protocol, pieces of it, and noise. */
function textsOf(proxy: ProxyUnderLaw): fc.Arbitrary<string> {
  const turnsOf = (dialogue: Dialogue) => dialogue.map((turn) => ('says' in turn ? turn.says : ''));
  return fc.oneof(
    proxy.dialogues.map((dialogue) => turnsOf(dialogue)[0] ?? ''),
    proxy.dialogues.map((dialogue) => turnsOf(dialogue)[1] ?? ''),
    fc.constantFrom('\r\n', '\n', '\0', ' ', ...proxy.pieces),
    fc.string({ unit: anyByte, maxLength: 20 }),
  );
}

/** Feeds all events; total and final must hold whether a pump would send them so or not. */
function survive(engine: ProxyEngine, events: readonly ProxyEvent[]): void {
  let isClosed = false;
  for (const event of events) {
    const lines = handleBorrowed(engine, event).map(showAction);
    if (isClosed) assert.deepEqual(lines, [], `after close, at ${showEvent(event)}`);
    const failure = lines.find((line) => line.includes('proxy.internal-error'));
    assert.equal(failure, undefined, `at ${showEvent(event)}`);
    isClosed ||= lines.some((line) => line.startsWith('close '));
  }
}

for (const proxy of PROXIES)
  describe(`the ${proxy.name} proxy`, () => {
    it('is total and final for events in any order', () => {
      const cases = fc.record({
        variant: fc.constantFrom(...Object.keys(proxy.variants)),
        isStacked: fc.boolean(),
        protocol: fc.constantFrom('tcp' as const, 'udp' as const),
        events: eventSequences(textsOf(proxy), proxy.timers),
      });
      const law = ({ variant, isStacked, protocol, events }: Case) => {
        const engine = proxy.variants[variant]?.create(testContext({ isStacked, protocol }));
        if (engine !== undefined) survive(engine, events);
      };
      tryAll(cases, law, { show: ({ events }) => events.map(showEvent).join('\n') });
    });
  });
