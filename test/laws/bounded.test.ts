import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { ProxyFactory } from '../../src/proxy/engine.ts';
import { collectGarbage } from '../support/collect-garbage.ts';
import type { Dialogue } from '../support/dialogue.ts';
import { client, server } from '../support/dialogue.ts';
import { ModelPump } from '../support/model-pump.ts';
import { testContext } from '../support/test-session.ts';
import { PROXIES } from './proxies.ts';
import { tryAll } from './run-law.ts';

// Endless enough: an engine that keeps what it gets is far above any limit and the noise of the heap by then.
const ENDLESS_BYTES = 2_097_152;
const TURN_BYTES = 65_536;
const HEAP_NOISE = 524_288;
const MAX_COLLECTIONS = 5;
// V8 drops compiled code that has not run for several collections: half a megabyte after other tests in the same process,
// which must be gone before anything is compared.
const CODE_AGES = 10;

// A collection takes long, so that several engines are measured at once, but not so many that one could hide.
const ENGINES = 4;
const RUNS = 8;

const PIECES = ['A', ' ', '\r\n', '\n', '\0', '\xff', 'a: b\r\n', `${'A'.repeat(1000)}\r\n`];

/** Endless input of one kind. */
interface Flood {
  readonly factory: ProxyFactory;
  readonly beginning: Dialogue;
  readonly from: 'client' | 'server';
  readonly piece: string;
}

/**
 * How much memory is in use after everything that can go has gone. Collections are repeated while that is more than
 * `limit`: buffers are freed by a sweeper that runs beside them.
 */
function bytesInUse(limit: number, maxCollections: number): number {
  let used = Infinity;
  for (let collections = 0; used > limit && collections < maxCollections; collections++) {
    collectGarbage();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    used = heapUsed + arrayBuffers;
  }
  return used;
}

/** Floods an engine until it is deaf or has had enough; what it lets pass is not kept. */
function flood({ factory, beginning, from, piece }: Flood): ModelPump {
  const pump = new ModelPump(factory.create(testContext()), { keeps: 'nothing' });
  for (const turn of beginning) pump.play(turn);
  const text = piece.repeat(Math.ceil(TURN_BYTES / piece.length));
  const turn = from === 'client' ? client(text) : server(text);
  for (let said = 0; said < ENDLESS_BYTES && !pump.isDeaf(from); said += text.length)
    pump.play(turn);
  return pump;
}

/** What engines hold after a flood each, measured until it is no more than `limit`. */
function heldAfter(floods: readonly Flood[], limit: number): number {
  const atFirst = bytesInUse(0, 2);
  const pumps = floods.map(flood);
  const after = bytesInUse(atFirst + limit, MAX_COLLECTIONS);
  assert.equal(pumps.length, floods.length); // until here they are alive, with the engines in them
  return after - atFirst;
}

describe('heldAfter()', () => {
  before(() => void bytesInUse(0, CODE_AGES));

  it('notices an engine that keeps what it gets', () => {
    const hoarder: ProxyFactory = {
      name: 'hoarder',
      tellsRefusals: false,
      stacks: [],
      create: () => {
        const kept: Uint8Array[] = [];
        return {
          handle(event) {
            if (event.type === 'received') kept.push(event.bytes.slice());
            return [];
          },
        };
      },
      explain: () => 'keeps everything',
    };
    const floods: Flood[] = [{ factory: hoarder, beginning: [], from: 'client', piece: 'A' }];
    assert.ok(heldAfter(floods, HEAP_NOISE) > ENDLESS_BYTES - HEAP_NOISE);
  });
});

for (const { name, variants, beginnings, pieces, maxHeldBytes } of PROXIES)
  describe(`the ${name} proxy`, () => {
    it('is bounded, whatever comes without end', () => {
      const oneFlood = fc.record({
        variant: fc.constantFrom(...Object.keys(variants)),
        beginning: fc.constantFrom(...beginnings),
        from: fc.constantFrom('client' as const, 'server' as const),
        piece: fc.constantFrom(...PIECES, ...pieces),
      });
      const law = (cases: readonly (Omit<Flood, 'factory'> & { variant: string })[]) => {
        const floods = cases.flatMap(({ variant, ...rest }) => {
          const factory = variants[variant];
          return factory === undefined ? [] : [{ factory, ...rest }];
        });
        const limit = floods.length * maxHeldBytes + HEAP_NOISE;
        const held = heldAfter(floods, limit);
        assert.ok(held <= limit, `${floods.length} engines hold ${held} bytes, more than ${limit}`);
      };
      tryAll(fc.array(oneFlood, { minLength: 1, maxLength: ENGINES, size: 'max' }), law, {
        runs: RUNS,
      });
    });
  });
