// A model of the pump in which chance decides what happens next: who speaks, ends or breaks off, what a child says and when
// it goes, when timers run out. For what must hold in every order.

import type { Bytes, Port, ProxyAction, ProxyEngine, ProxyEvent } from '../../src/proxy/engine.ts';
import { NO_TRAFFIC } from '../../src/proxy/play-proxy.ts';
import type { Dialogue, PeerTurn, Speaker } from './dialogue.ts';
import type { ModelPort, Relay } from './model-port.ts';
import type { Answer, WorldOptions } from './model-world.ts';
import { breach, ModelWorld } from './model-world.ts';
import * as event from './playbook-events.ts';
import { showAction, showEvent } from './show-action.ts';
import { watchedBytes } from './watched-bytes.ts';

/** What may happen next; the number says more of it. */
type Move = (number: number) => void;

/** More steps than what is left to be done ever takes. */
const MAX_STEPS = 100_000;

/** More than anything needs of one event: a body in chunks of a byte is some actions, not some for each. */
const MAX_ACTIONS = 1_000;

const READ_BYTES = 65_536;
/** Of bytes, in the story. */
const SHOWN_BYTES = 60;
/** One of so many: a session that has much to do must not be over before. */
const RARE = 41;

/** More than a child can do: in the other cases it does nothing. */
const CHILD_CHOICES = 12;

const LINKS: readonly Port[] = ['stack-client', 'stack-server'];

/** Runs one engine. */
export class ChancePump {
  /** What happened, an event or an action a line. */
  readonly story: string[] = [];
  readonly #engine: ProxyEngine;
  readonly #world: ModelWorld;
  readonly #turns = new Map<Speaker, PeerTurn[]>();
  #hasChild = false;

  /** `dialogue`: what the peers have to say, in any order but that of each. Its timers run out by chance. */
  constructor(engine: ProxyEngine, dialogue: Dialogue, options: WorldOptions = {}) {
    this.#engine = engine;
    this.#world = new ModelWorld({ ...options, keeps: 'nothing', dropped: 'nothing' });
    for (const turn of dialogue) {
      if ('elapses' in turn) continue;
      const turns = this.#turns.get(turn.from) ?? [];
      this.#turns.set(turn.from, turns);
      turns.push(turn);
    }
  }

  /** Lets happen what these numbers say, and then all that is left to be done. */
  run(choices: readonly number[]): void {
    this.#handle(event.started());
    for (const number of choices) {
      const moves = this.#world.closed === undefined ? this.#moves() : [];
      moves[number % moves.length]?.(Math.floor(number / moves.length));
    }
    for (let steps = 0; this.#world.closed === undefined; steps++) {
      const [move] = this.#dueMoves();
      if (move === undefined) return;
      if (steps === MAX_STEPS) throw breach('it goes round in circles');
      move(0);
    }
  }

  /** Three times: what must happen sooner or later is more likely than what need not. */
  #moves(): Move[] {
    const due = this.#dueMoves();
    return [...due, ...due, ...due, ...this.#otherMoves()];
  }

  #dueMoves(): Move[] {
    const { wait, ports, answers } = this.#world;
    const ready = [...ports.values()].filter((port) => port.isReady);
    const said = [...this.#turns.values()].filter((turns) => turns.length > 0).map(this.#saying);
    if (wait !== undefined) {
      const heard = ready.filter(({ name }) => name === wait.hears).map(this.#moving);
      return [() => this.#resume(wait.outcome), ...heard, ...said];
    }
    const isChildHeard = ready.some(({ name }) => LINKS.includes(name));
    const due = answers.filter(({ isLate }) => isLate !== true || !isChildHeard);
    return [...due.map(this.#answering), ...ready.map(this.#moving), ...said];
  }

  #otherMoves(): Move[] {
    const { wait, timers } = this.#world;
    if (wait !== undefined) return [];
    const moves: Move[] = [(number) => this.#retire(number)];
    if (timers.size > 0) moves.push((number) => this.#elapse(number));
    if (this.#hasChild) moves.push((number) => this.#childDoes(number));
    return moves;
  }

  readonly #saying =
    (turns: PeerTurn[]): Move =>
    () => {
      const turn = turns.shift();
      if (turn === undefined) return;
      this.story.push(`${turn.from} ${'says' in turn ? `says ${turn.says.length}` : turn.does}`);
      this.#world.say(turn);
    };

  readonly #moving =
    (port: ModelPort): Move =>
    () => {
      this.#move(port);
    };

  readonly #answering =
    (answer: Answer): Move =>
    () => {
      this.#world.answers = this.#world.answers.filter((other) => other !== answer);
      answer.prepare?.();
      if (answer.event.type === 'stacked') this.#hasChild = true;
      this.#handle(answer.event);
    };

  #resume(outcome: ProxyEvent | undefined): void {
    if (outcome === undefined) throw new Error('The promise is not settled: use settled or failed');
    this.#world.wait = undefined;
    this.#handle(outcome);
  }

  #retire(number: number): void {
    if (number % RARE === 0) this.#handle({ type: 'retired', wasResting: number % 2 === 0 });
  }

  #elapse(number: number): void {
    const names = [...this.#world.timers.keys()];
    const timer = names[number % names.length];
    if (timer === undefined || number % RARE > 0) return;
    this.#world.timers.delete(timer);
    const isFull = number % 2 === 0;
    const traffic = { ...NO_TRAFFIC, fromClient: number * 1000, clientIsFull: isFull };
    this.#handle({ type: 'elapsed', timer, traffic });
  }

  #childDoes(number: number): void {
    const links = LINKS.map((name) => this.#world.ports.get(name));
    const more = Math.floor(number / CHILD_CHOICES);
    const child: readonly (() => unknown)[] = [
      () => this.#handle(event.contentVerdict('accept')),
      () => this.#handle(event.contentVerdict(more % 5 === 0 ? 'reject' : 'unspecified', 'no')),
      () => this.#handle(event.contentHint(more % 7 === 0 ? 3 : 20_000)),
      () => links.forEach((link) => link?.pushEnd()),
      () => links[1]?.say({ from: 'server', says: 'from the child' }),
      () => links[more % 2]?.say({ from: 'server', does: 'reset' }),
      () => this.#childEnds(event.stackVerdict('denied-by-policy', 'chance', 'reset')),
      () => this.#childEnds(event.stackVerdict('accepted', 'chance')),
    ];
    child[number % CHILD_CHOICES]?.();
  }

  /** Its links are gone: what is still relayed into them goes nowhere. */
  #childEnds(verdict: ProxyEvent): void {
    this.#hasChild = false;
    for (const name of LINKS) if (this.#world.ports.has(name)) this.#world.lose(name);
    this.#handle(verdict);
  }

  #move(port: ModelPort): void {
    const { name, relay } = port;
    const bytes = port.take(Math.min(READ_BYTES, relay?.left ?? Infinity));
    if (relay !== undefined) this.#moveRelay(port, relay, bytes);
    else if (bytes !== undefined)
      this.#handle({ type: 'received', from: name, bytes: watchedBytes(bytes) });
    else {
      const end = port.takeEnd();
      if (port.isBroken) this.#world.lose(name);
      this.#handle({ type: 'ended', from: name, ...end });
    }
  }

  #moveRelay(port: ModelPort, relay: Relay, bytes: Bytes | undefined): void {
    const { to } = relay;
    if (bytes !== undefined) {
      relay.left -= bytes.length;
      relay.moved += bytes.length;
      if (!relay.isLost) this.#world.deliver({ type: 'send', to, bytes });
      if (relay.left > 0) return;
    }
    port.relay = undefined;
    const how = bytes === undefined ? 'cut-short' : 'complete';
    this.#handle(event.relayed(port.name, to, relay.moved, how));
  }

  #handle(one: ProxyEvent): void {
    this.story.push(`when ${showEvent(shortened(one))}`);
    const actions = this.#engine.handle(one);
    if (actions.length > MAX_ACTIONS) throw breach(`${actions.length} actions at one event`);
    for (const action of actions) this.#carryOut(action);
    // One read buffer serves all, as in a driver: borrowed bytes are others now.
    if (one.type === 'received') one.bytes.fill(0xee);
  }

  #carryOut(action: ProxyAction): void {
    this.story.push(`  ${showAction(shortened(action))}`);
    if (action.type === 'log' && action.code === 'proxy.internal-error')
      throw breach(showAction(action));
    this.#world.carryOut(action);
  }
}

function shortened<Item extends ProxyEvent | ProxyAction>(item: Item): Item {
  if (!('bytes' in item) || typeof item.bytes === 'number') return item;
  return { ...item, bytes: item.bytes.subarray(0, SHOWN_BYTES) };
}
