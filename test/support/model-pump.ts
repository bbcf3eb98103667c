// A model of the pump: no sockets and no time, but the same rules. It plays a dialogue to an engine, carries out what
// the engine asks for and takes down the effects. An engine that breaks the contract of engine.ts makes it throw.

import type {
  Bytes,
  Port,
  ProxyAction,
  ProxyContext,
  ProxyEngine,
  ProxyEvent,
  ProxyFactory,
} from '../../src/proxy/engine.ts';
import type { Dialogue, Speaker, Turn } from './dialogue.ts';
import type { ModelPort, Relay } from './model-port.ts';
import type { Answer, WorldOptions } from './model-world.ts';
import { breach, ModelWorld, READ_BUFFER } from './model-world.ts';
import { showAction } from './show-action.ts';
import { testContext } from './test-session.ts';

/** How the world around the engine behaves, and what the engine is made for. */
export interface ModelOptions extends WorldOptions {
  readonly context?: ProxyContext;
  /** Whether connects and stacks are answered at once, or when the peer has said all of its turn. */
  readonly answers?: 'at-once' | 'after-the-turn';
}

/** What came of a dialogue. */
export interface ModelRun {
  /** Everything that happened in order, adjacent sends merged, relays expanded. */
  readonly trace: readonly string[];
  /** The same without an order between the bytes of different ports. */
  readonly phases: readonly string[];
  /** All bytes that went to a port, one character a byte. */
  output(to: Port): string;
  /** Timers that are armed at the end: `timer idle 600000 idle`. */
  readonly timers: readonly string[];
  /** How the engine closed the session, if it did. */
  readonly closed: Extract<ProxyAction, { type: 'close' }> | undefined;
}

/** More steps than any dialogue of a test needs: an engine that takes them goes round in circles. */
const MAX_STEPS = 1_000_000;

const CHILD_ENDS: readonly Port[] = ['stack-client', 'stack-server'];

/** Plays a dialogue to a fresh engine of the factory. */
export function runDialogue(
  factory: ProxyFactory,
  dialogue: Dialogue,
  options: ModelOptions = {},
): ModelRun {
  const pump = new ModelPump(factory.create(options.context ?? testContext()), options);
  for (const turn of dialogue) pump.play(turn);
  return pump.run;
}

/** The model itself, for tests that feed it turn by turn. It starts the engine. */
export class ModelPump {
  readonly #engine: ProxyEngine;
  readonly #world: ModelWorld;
  readonly #isPrompt: boolean;
  #traffic = { fromClient: 0, fromServer: 0 };

  constructor(engine: ProxyEngine, options: ModelOptions = {}) {
    this.#engine = engine;
    this.#world = new ModelWorld(options);
    this.#isPrompt = options.answers !== 'after-the-turn';
    this.#handle({ type: 'started' });
    this.#settle('client');
  }

  /** Lets a peer take its turn and goes on until nothing moves. */
  play(turn: Turn): void {
    if (this.#world.closed !== undefined) return;
    if ('elapses' in turn) this.#elapse(turn.elapses);
    else this.#world.say(turn);
    this.#settle('from' in turn ? turn.from : undefined);
  }

  /**
   * Whether more from this port would only be queued: the session is over, the port is held or not there, or a child is
   * full that nobody listens to.
   */
  isDeaf(port: Port): boolean {
    const { closed, ports } = this.#world;
    const isChildFull = CHILD_ENDS.some((name) => ports.get(name)?.isFull === true);
    return closed !== undefined || ports.get(port)?.isHeld !== false || isChildFull;
  }

  /** What came of it so far. */
  get run(): ModelRun {
    const { effects, closed, timers } = this.#world;
    if (effects.hasChangedBytes) throw breach('it changed bytes that it had sent');
    return {
      trace: effects.trace,
      phases: effects.phases,
      output: (to) => effects.output(to),
      timers: closed === undefined ? [...timers.values()].map(showAction).sort() : [],
      closed,
    };
  }

  #elapse(timer: string): void {
    if (!this.#world.timers.delete(timer)) return;
    const clientWaits = this.#world.ports.get('client')?.isHeld === true;
    const traffic = { ...this.#traffic, toClient: 0, clientWaits, clientIsFull: clientWaits };
    this.#world.answers.push({ event: { type: 'elapsed', timer, traffic } });
  }

  #settle(speaker: Speaker | undefined): void {
    for (let steps = 0; this.#world.closed === undefined && this.#step(speaker); steps++)
      if (steps > MAX_STEPS) throw breach('it goes round in circles');
  }

  /** Does the next thing that can happen: the peer whose turn it is goes first, then those that were held. */
  #step(speaker: Speaker | undefined): boolean {
    const { wait, ports } = this.#world;
    if (wait !== undefined) return this.#resume(wait.outcome);
    if (this.#isPrompt && this.#answer(({ isLate }) => isLate !== true)) return true;
    const ready = [...ports.values()].filter((port) => port.isReady);
    const speaking = speaker === undefined ? undefined : this.#world.portOf(speaker);
    const port = ready.find(({ name }) => name === speaking) ?? ready[0];
    if (port === undefined) return this.#answer(() => true);
    this.#move(port);
    return true;
  }

  #resume(event: ProxyEvent | undefined): boolean {
    if (event === undefined) throw new Error('The promise is not settled: use settled or failed');
    this.#world.wait = undefined;
    this.#handle(event);
    return true;
  }

  #answer(isDue: (answer: Answer) => boolean): boolean {
    const answer = this.#world.answers.find(isDue);
    if (answer === undefined) return false;
    this.#world.answers = this.#world.answers.filter((other) => other !== answer);
    answer.prepare?.();
    this.#handle(answer.event);
    return true;
  }

  #move(port: ModelPort): void {
    const { name, relay } = port;
    const bytes = port.take(Math.min(READ_BUFFER.length, relay?.left ?? Infinity));
    this.#count(name, bytes?.length ?? 0);
    if (relay !== undefined) this.#moveRelay(port, relay, bytes);
    else if (bytes === undefined) this.#end(port);
    else {
      READ_BUFFER.set(bytes);
      this.#handle({ type: 'received', from: name, bytes: READ_BUFFER.subarray(0, bytes.length) });
    }
  }

  #end(port: ModelPort): void {
    const end = port.takeEnd();
    if (port.isBroken) this.#world.lose(port.name);
    this.#handle({ type: 'ended', from: port.name, ...end });
  }

  #moveRelay(port: ModelPort, relay: Relay, bytes: Bytes | undefined): void {
    if (bytes !== undefined) {
      relay.left -= bytes.length;
      relay.moved += bytes.length;
      if (!relay.isLost) this.#world.deliver({ type: 'send', to: relay.to, bytes });
      if (relay.left > 0) return;
    }
    port.relay = undefined;
    const complete = bytes !== undefined;
    this.#handle({ type: 'relayed', from: port.name, to: relay.to, bytes: relay.moved, complete });
  }

  #count(port: Port, bytes: number): void {
    if (port.startsWith('client')) this.#traffic.fromClient += bytes;
    else if (port.startsWith('server')) this.#traffic.fromServer += bytes;
  }

  #handle(event: ProxyEvent): void {
    for (const action of this.#engine.handle(event)) this.#world.carryOut(action);
    // One read buffer serves all, as in a driver: borrowed bytes are others now.
    if (event.type === 'received') event.bytes.fill(0xee);
  }
}
