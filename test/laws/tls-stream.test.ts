// A stream of the engine keeps its promises whatever is done with it, and whatever its peer does, in whatever order.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { EngineScene } from '../support/engine-scene.ts';
import { turns } from '../support/stream-recorder.ts';
import { needsOpenSsl } from '../support/tls-layers.ts';
import { tryAllAsync } from './run-law.ts';

/** What can be done, by either side. */
const DEEDS: Readonly<Record<string, (story: Story) => unknown>> = {
  'peer says': (story) => story.says(`${story.said.length} `),
  'peer says much': (story) => story.says('much '.repeat(40_000)),
  'half a record': (story) => story.says('in two parts', { isHalf: true }),
  'peer ends': (story) => story.endsPeer(),
  garbage: (story) => story.spoils(),
  'wire ends': (story) => story.endsWire(),
  'wire breaks': (story) => story.breaksWire(),
  write: (story) => story.writes('x'),
  'write much': (story) => story.writes('y'.repeat(150_000)),
  end: (story) => story.ends(),
  destroy: (story) => story.destroys(),
  hold: ({ scene }) => scene.inside.hold('thinking'),
  release: ({ scene }) => scene.inside.release('thinking'),
  unlisten: ({ scene: { inside } }) => inside.unlisten() === true && inside.listen(),
  room: ({ scene }) => scene.wire.take(),
  carry: ({ scene }) => scene.wire.settle(),
  turn: () => turns(1),
};

const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('peer says', 'carry', 'turn', 'room', 'write') },
    { weight: 3, arbitrary: fc.constantFrom('hold', 'release', 'peer says much', 'half a record') },
    { weight: 1, arbitrary: fc.constantFrom('peer ends', 'wire ends', 'wire breaks', 'garbage') },
    { weight: 1, arbitrary: fc.constantFrom('end', 'destroy', 'unlisten', 'write much') },
  ),
  { maxLength: 30 },
);

interface StoryCase {
  readonly role: 'server' | 'client';
  /** Whether the peer takes everything at once. */
  readonly isEager: boolean;
  /** Whether the stream is held whenever something has been heard. */
  readonly isHeldByData: boolean;
  readonly steps: readonly string[];
}

const cases: fc.Arbitrary<StoryCase> = fc.record({
  role: fc.constantFrom('server', 'client'),
  isEager: fc.boolean(),
  isHeldByData: fc.boolean(),
  steps,
});

/** A stream, and what was done with it so far. */
class Story {
  readonly scene: EngineScene;
  /** All that the peer has said in good order. */
  said = '';
  /** All that we have written. */
  written = '';
  isDestroyed = false;
  #rest = Buffer.alloc(0);
  #hasPeerEnded = false;
  #isWireOver = false;
  #hasEnded = false;

  constructor({ role, isEager, isHeldByData }: Omit<StoryCase, 'steps'>) {
    this.scene = new EngineScene({ role, wire: { isEager, highWaterMark: 50 } });
    const { wire, inside, told } = this.scene;
    for (let turn = 0; turn < 8 && told.length < 2; turn++) {
      wire.take();
      this.scene.carry();
    }
    // The peer has the last of the handshake, and that there is room again is still to be said.
    wire.take();
    const answer = this.scene.peer.take(this.scene.unseen());
    if (answer.length > 0) wire.says(answer);
    inside.listen({ received: () => isHeldByData && inside.hold('thinking') });
  }

  async take(...names: readonly string[]): Promise<void> {
    for (const name of names) await (DEEDS[name] ?? assert.fail(name))(this);
  }

  says(text: string, { isHalf = false } = {}): void {
    if (this.#hasPeerEnded || this.#isWireOver) return;
    const records = Buffer.concat([this.#rest, this.scene.peer.say(text)]);
    const length = isHalf ? records.length - 5 : records.length;
    this.said += text;
    this.#rest = records.subarray(length);
    this.scene.wire.says(records.subarray(0, length));
  }

  endsPeer(): void {
    if (this.#hasPeerEnded || this.#isWireOver) return;
    this.#hasPeerEnded = true;
    this.scene.wire.says(Buffer.concat([this.#rest, this.scene.peer.end()]));
  }

  spoils(): void {
    if (this.#isWireOver) return;
    this.#hasPeerEnded = true;
    this.scene.wire.says('garbage '.repeat(10));
  }

  endsWire(): void {
    if (!this.#isWireOver) this.scene.wire.ends();
    this.#isWireOver = true;
  }

  breaksWire(): void {
    this.#isWireOver = true;
    this.scene.wire.breaks();
  }

  ends(): void {
    this.#hasEnded = true;
    this.scene.inside.end();
  }

  destroys(): void {
    this.isDestroyed = true;
    this.scene.inside.destroy();
  }

  writes(text: string): void {
    if (this.scene.inside.isClosed || this.isDestroyed) return;
    this.scene.inside.write(Buffer.from(text), 'lent');
    if (!this.#hasEnded) this.written += text;
  }

  /** Lets all be said that is due. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 40; turn++) {
      await this.take('release', 'room', 'carry', 'turn');
    }
  }
}

describe('a stream of the engine of TLS', needsOpenSsl(), () => {
  it('keeps its promises in any order of events', async () => {
    let ended = 0;
    await tryAllAsync(cases, async (one) => {
      const story = new Story(one);
      using scene = story.scene; // looks for broken promises in the end
      await story.take(...one.steps);
      await story.settle();
      const { inside, peer } = scene;
      assert.ok(story.said.startsWith(scene.text), 'what is heard was said');
      const isLost = inside.isClosed || story.isDestroyed;
      if (!isLost) assert.ok(story.said.length - scene.text.length <= 12, 'all is heard');
      peer.take(scene.unseen());
      assert.ok(story.written.startsWith(scene.heard), 'what was written comes');
      if (!isLost && peer.isOpen) assert.equal(scene.heard, story.written);
      if (inside.hasEnded) ended++;
      if (!isLost) await story.take('destroy');
      await story.settle();
      assert.ok(inside.isClosed, 'it is closed in the end');
    });
    assert.ok(ended > 0, 'some end');
  });
});
