// An engine that copies both ways by whatever means a list of numbers tells it: as bytes, in relays of any length, with
// holds and waits in between. What comes out must be what went in.
import type { Port, ProxyAction, ProxyEvent } from '../../src/proxy/engine.ts';
import { act, Deferred } from './pump-world.ts';

type Ended = Extract<ProxyEvent, { type: 'ended' }>;

const LENGTHS: readonly number[] = [0, 1, 2, 3, 5, 7, 8, 20, Infinity];

/** The engine. It closes when both sides have ended, or one is lost. */
export class RandomCopier {
  /** What it waits for, to be settled by the test. */
  readonly waits: Deferred[] = [];
  readonly #choices: readonly number[];
  readonly #ended = new Set<Port>();
  #next = 0;

  constructor(choices: readonly number[]) {
    this.#choices = choices;
  }

  readonly handle = (event: ProxyEvent): ProxyAction[] => {
    switch (event.type) {
      case 'started':
        return [act.hold('client'), act.connect()];
      case 'connected':
        return [...this.#goOn('client'), ...this.#goOn('server'), act.release('client')];
      case 'received':
        return [
          { type: 'send', to: otherSide(event.from), bytes: event.bytes },
          ...this.#goOn(event.from),
        ];
      case 'relayed':
        return event.complete ? this.#goOn(event.from) : [];
      case 'elapsed':
        return [event.timer === 'client' ? act.release('client') : act.release('server')];
      case 'ended':
        return this.#end(event);
      default:
        return [];
    }
  };

  #end({ from, error }: Ended): ProxyAction[] {
    if (error !== undefined)
      return [act.close('lost', this.#choose() % 2 === 0 ? 'reset' : undefined)];
    this.#ended.add(from);
    if (this.#ended.size === 2) return [act.end(otherSide(from)), act.close()];
    return [act.end(otherSide(from))];
  }

  #goOn(side: Port): ProxyAction[] {
    switch (this.#choose() % 5) {
      case 0:
        return [act.hold(side), act.timer(side, 1 + (this.#choose() % 5))];
      case 1:
        return [this.#wait()];
      case 2:
        return [this.#wait(), act.hold(side), act.timer(side, 3), this.#relay(side)];
      case 3:
        return [this.#relay(side)];
      default:
        return [];
    }
  }

  #relay(side: Port): ProxyAction {
    return act.relay(side, otherSide(side), LENGTHS[this.#choose() % LENGTHS.length]);
  }

  #wait(): ProxyAction {
    const deferred = new Deferred();
    this.waits.push(deferred);
    if (this.#choose() % 3 === 0) queueMicrotask(() => deferred.resolve()); // too late for most
    return act.wait(deferred);
  }

  /** The next number; when there are none left it just copies. */
  #choose(): number {
    return this.#choices[this.#next++] ?? 4;
  }
}

function otherSide(side: Port): Port {
  return side === 'client' ? 'server' : 'client';
}
