// Many streams of one driver that write, end, break off and are read slowly in the same batches, while others get their
// descriptors: each byte arrives once, in order and at the right peer, an end tells of all of them, and all streams close.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { needsDriver } from '../../test/support/driver-needs.ts';
import { streamPair, testShare } from '../../test/support/driver-pair.ts';
import { StreamRecorder, turns } from '../../test/support/stream-recorder.ts';
import type { DriverStream } from './driver-stream.ts';
import { allocateGuarded } from './guarded-memory.ts';
import type { StreamShare } from './stream-share.ts';

// Few, whose writes meet often, and more than may have writes gathered at the same time.
const CROWDS = [4, 12];
const PATTERN_BYTES = 65_521; // a prime: no length of a write hides a shift
const PATTERN = Buffer.alloc(2 * PATTERN_BYTES);
for (let at = 0, value = 1; at < PATTERN_BYTES; at++) {
  value = (value * 48_271) % 2_147_483_647;
  PATTERN[at] = PATTERN[at + PATTERN_BYTES] = value >> 8;
}

/** What a stream does; it writes far more often than anything else. */
const DEEDS = [
  'write',
  'write',
  'write',
  'hold',
  'release',
  'end',
  'destroy',
  'reset',
  'renew',
  'renew',
];
const LENGTHS = [1, 3, 200, 5_000, 20_000, 60_000];

interface Step {
  readonly deed: string;
  readonly end: number;
  readonly length: number;
}

function steps(pairs: number): fc.Arbitrary<Step[][]> {
  const step = fc.record({
    deed: fc.constantFrom(...DEEDS),
    end: fc.nat(2 * pairs - 1),
    length: fc.constantFrom(...LENGTHS),
  });
  const batch = fc.array(step, { minLength: 10, maxLength: 10 * pairs });
  return fc.array(batch, { minLength: 1, maxLength: 8 });
}

/** One end of a connection; it knows what its partner wrote. */
class End {
  readonly recorder: StreamRecorder;
  readonly stream: DriverStream;
  readonly #flow: number;
  readonly #faults: string[];
  partner: End | undefined;
  written = 0;
  #received = 0;

  constructor(stream: DriverStream, flow: number, faults: string[]) {
    this.stream = stream;
    this.#flow = flow;
    this.#faults = faults;
    this.recorder = new StreamRecorder(`end ${flow}`, stream);
    this.recorder.listen({
      received: (bytes) => {
        this.#check(bytes);
      },
      ended: () => {
        if (this.#received !== this.partner?.written)
          faults.push(
            `end ${flow}: ${this.#received} of ${this.partner?.written} bytes, and ended`,
          );
      },
    });
  }

  write(memory: Uint8Array, length: number): void {
    if (!this.stream.mayBeWritten || this.recorder.mustWait) return;
    const bytes = memory.subarray(0, length);
    bytes.set(partOf(this.#flow, this.written, length));
    this.written += length;
    this.recorder.write(bytes, 'lent');
  }

  #check(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += PATTERN_BYTES) {
      const part = bytes.subarray(at, at + PATTERN_BYTES);
      const expected = partOf(this.#flow ^ 1, this.#received, part.length);
      if (!expected.equals(part)) this.#faults.push(`end ${this.#flow}: wrong bytes`);
      this.#received += part.length;
    }
  }
}

/** What a flow carries from a place on: the two ends of a pair are flows that differ in their lowest bit. */
function partOf(flow: number, from: number, length: number): Buffer {
  const at = (flow * 977 + from) % PATTERN_BYTES;
  return PATTERN.subarray(at, at + length);
}

/** The streams of one run. */
class Crowd {
  readonly faults: string[] = [];
  readonly ends: End[] = [];
  readonly #all: End[] = [];
  readonly #share: StreamShare;
  readonly #memories: readonly Uint8Array[];

  constructor(share: StreamShare, memories: readonly Uint8Array[], pairs: number) {
    this.#share = share;
    this.#memories = memories;
    for (let pair = 0; pair < pairs; pair++) this.#renew(2 * pair);
  }

  take({ deed, end: index, length }: Step): void {
    const end = this.ends[index];
    const memory = this.#memories[index % this.#memories.length];
    if (end === undefined || memory === undefined) return;
    if (deed === 'write') end.write(memory, length);
    else if (deed === 'hold') end.recorder.hold('slow');
    else if (deed === 'release') end.recorder.release('slow');
    else if (deed === 'end') end.recorder.end();
    else if (deed === 'renew') this.#renew(index & ~1);
    else end.recorder.destroy(deed === 'reset' ? 'reset' : undefined);
  }

  async close(): Promise<void> {
    for (const { recorder } of this.#all) {
      recorder.release('slow');
      recorder.end();
    }
    for (const { recorder } of this.#all) {
      await recorder.untilClosed();
      this.faults.push(...recorder.faults);
    }
  }

  /** A new connection in the place of one whose ends have both their descriptors no longer. */
  #renew(index: number): void {
    if (this.ends[index]?.stream.isOpen === true || this.ends[index + 1]?.stream.isOpen === true)
      return;
    const flow = this.#all.length;
    const [near, far] = streamPair(this.#share);
    const one = new End(near, flow, this.faults);
    const other = new End(far, flow + 1, this.faults);
    one.partner = other;
    other.partner = one;
    this.#all.push(one, other);
    [this.ends[index], this.ends[index + 1]] = [one, other];
  }
}

describe('streams of one driver', needsDriver(), () => {
  const share = testShare();
  // Bytes of the one are copied, and of the other sent from where they are when they are many.
  const memories = [Buffer.alloc(65_536), allocateGuarded(share.libc, 65_536).bytes];

  for (const pairs of CROWDS)
    it(`deliver each byte to the right peer, whatever happens in one batch of ${pairs} pairs`, async () => {
      await fc.assert(
        fc.asyncProperty(steps(pairs), async (batches) => {
          const crowd = new Crowd(share, memories, pairs);
          for (const batch of batches) {
            share.driver.soon({
              run: () => {
                for (const step of batch) crowd.take(step);
              },
            });
            await turns(2);
          }
          await crowd.close();
          assert.deepEqual(crowd.faults, []);
          assert.equal(share.driver.count, 0);
        }),
        { numRuns: 100 },
      );
    });
});
