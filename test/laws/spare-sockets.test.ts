// Whatever happens on connections whose sockets come from others: what comes in is what was sent on that connection.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { needsDriver } from '../support/driver-needs.ts';
import { SpareLab } from '../support/spare-lab.ts';
import type { Both } from '../support/spare-lab.ts';
import { turns } from '../support/stream-recorder.ts';

type Side = 'near' | 'far';

interface Step {
  readonly what: 'open' | 'send' | 'end' | 'reset' | 'wait';
  readonly which: number;
  readonly side: Side;
  readonly length: number;
}

const STEP: fc.Arbitrary<Step> = fc.record({
  what: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('send', 'end') },
    { weight: 4, arbitrary: fc.constantFrom('open', 'wait') },
    { weight: 1, arbitrary: fc.constant('reset') },
  ),
  which: fc.nat({ max: 100 }),
  side: fc.constantFrom<Side>('near', 'far'),
  length: fc.integer({ min: 1, max: 3000 }),
});

const SIDES: readonly Side[] = ['near', 'far'];

/** A connection, and what was sent on it: text that says of which connection it is. */
class Flow {
  readonly #both: Both;
  readonly #name: string;
  readonly #sent: Readonly<Record<Side, Buffer[]>> = { near: [], far: [] };
  readonly #ended = new Set<Side>();
  #isReset = false;

  constructor(both: Both, name: string) {
    this.#both = both;
    this.#name = name;
  }

  /** Whether nothing more is to be done to it. */
  get isOver(): boolean {
    return this.#isReset || this.#ended.size === SIDES.length;
  }

  do({ what, side, length }: Step): void {
    if (what === 'reset') {
      this.#isReset = true;
      this.#both[side].destroy('reset');
    } else if (what === 'end') {
      this.#ended.add(side);
      this.#both[side].end();
    } else if (!this.#ended.has(side)) {
      const text = Buffer.alloc(length, `${this.#name} ${side} ${this.#sent[side].length} `);
      this.#sent[side].push(text);
      this.#both[side].write(Buffer.from(text), 'given');
    }
  }

  /** Ends what has not ended, and looks at what came. */
  async check(): Promise<void> {
    const { near, far } = this.#both;
    if (!this.isOver) for (const side of SIDES) this.#both[side].end();
    await Promise.all([near.untilClosed(), far.untilClosed()]);
    assert.deepEqual([near.faults, far.faults], [[], []]);
    this.#compare(near.bytes(), Buffer.concat(this.#sent.far));
    this.#compare(far.bytes(), Buffer.concat(this.#sent.near));
  }

  #compare(received: Buffer, sent: Buffer): void {
    const expected = this.#isReset ? sent.subarray(0, received.length) : sent;
    assert.equal(String(received), String(expected));
  }
}

describe('many connections at once, with spare sockets', needsDriver(), () => {
  it('bring each side what the other one has sent, in any order of opening, sending, ending and resetting', async () => {
    const lab = await SpareLab.open();
    const descriptors = new Set<number>();
    let count = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(STEP, { minLength: 20, maxLength: 60 }), async (steps) => {
        const flows: Flow[] = [];
        for (const step of steps) {
          const open = flows.filter((flow) => !flow.isOver);
          const flow = open[step.which % Math.max(1, open.length)];
          if (step.what === 'wait') await turns(2);
          else if (step.what !== 'open' && flow !== undefined) flow.do(step);
          else {
            const both = await lab.connect();
            descriptors.add(both.descriptor);
            flows.push(new Flow(both, `connection ${++count}`));
          }
        }
        for (const flow of flows) await flow.check();
      }),
      { numRuns: 25 },
    );
    assert.ok(descriptors.size < count / 2, `${descriptors.size} for ${count} connections`);
    lab.close();
  });
});
