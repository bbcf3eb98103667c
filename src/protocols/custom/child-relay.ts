// Everything passes through a child, in both directions, as in a plug. The child ends it.

import { childEndingOf, DROP_SERVER, isServerDropped } from '../../proxy/child-ending.ts';
import type { ConnectFailure, ProxyEvent, Stackable } from '../../proxy/engine.ts';
import type { ChildUse } from './child-slot.ts';
import type { Ending } from './ending.ts';
import type { Wire } from './wire.ts';

/** `over`: the child has ended well. A failure: it may not run. */
type State = 'waiting' | 'stacking' | 'running' | 'over' | ConnectFailure;

/** A relay through a child. */
export class ChildRelay implements ChildUse {
  readonly reads = [];
  /** The relays move the bytes: how they went, the script cannot tell, nor can the engine. */
  readonly isHalfDone = false;
  readonly #child: Stackable;
  readonly #wire: Wire;
  #state: State = 'waiting';
  #isServerDropped = false;

  constructor(child: Stackable, wire: Wire) {
    this.#child = child;
    this.#wire = wire;
  }

  /** What came of it: why the child may not run, or `over`; undefined before. */
  get result(): 'over' | ConnectFailure | undefined {
    return typeof this.#state !== 'string' || this.#state === 'over' ? this.#state : undefined;
  }

  get isOver(): boolean {
    return this.result !== undefined;
  }

  begin(): void {
    this.#wire.checkRelay();
    this.#wire.whenInStep(() => {
      this.#state = 'stacking';
      this.#wire.act({ type: 'stack', child: this.#child });
    });
  }

  flow(): void {
    // What peers say while the child is started waits until everything passes.
  }

  handle(event: ProxyEvent): Ending | undefined {
    if (this.#state === 'stacking') this.#start(event);
    else if (this.#state === 'running') return this.#run(event);
    return undefined;
  }

  #start(event: ProxyEvent): void {
    if (event.type === 'stack-refused') this.#state = event.failure;
    if (event.type !== 'stacked') return;
    this.#state = 'running';
    this.#wire.passAll('stacked');
  }

  #run(event: ProxyEvent): Ending | undefined {
    if (isServerDropped(event, this.#child)) this.#dropServer();
    else if (this.#isGoodEnd(event)) this.#end();
    else if (event.type === 'ended' && event.error === undefined) this.#wire.passEnd(event.from);
    else if (event.type !== 'stack-refused') return childEndingOf(event, 'custom');
    return undefined;
  }

  #dropServer(): void {
    this.#isServerDropped = true;
    this.#wire.act(DROP_SERVER);
  }

  /** Without the server the script has nothing to go on with. */
  #isGoodEnd(event: ProxyEvent): boolean {
    if (event.type !== 'stack-verdict' || this.#isServerDropped) return false;
    return event.verdict === 'accepted' && event.how === undefined;
  }

  #end(): void {
    this.#state = 'over';
    this.#wire.passNoMore();
  }
}
