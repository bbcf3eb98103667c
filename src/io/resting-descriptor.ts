// A stream of the driver at rest: its place in the driver, and whom it wakes. There may be many thousand.

import type { RestingStream, Stream, StreamSleeper } from '../session/stream.ts';
import type { DescriptorUse } from './descriptor-budget.ts';
import type { DescriptorHandler, Slot } from './driver.ts';
import type { StreamShare } from './stream-share.ts';

export type { RestingStream, StreamSleeper } from '../session/stream.ts';

/** The descriptor of a stream that rests; it stays counted. */
export interface RestingPlace {
  readonly share: StreamShare;
  readonly descriptor: number;
  readonly use: DescriptorUse;
}

/** A stream of the driver that was woken. */
export type WokenStream = Stream & DescriptorHandler;

/** The class of streams that are made anew, each in the place of its former handler. */
export type StreamClass = new (
  share: StreamShare,
  descriptor: number,
  use: DescriptorUse,
  former: { readonly slot: Slot; readonly handler: DescriptorHandler },
) => WokenStream;

/** The handler of a descriptor whose stream rests. */
export class RestingDescriptor implements DescriptorHandler, RestingStream {
  readonly #share: StreamShare;
  readonly #descriptor: number;
  readonly #use: DescriptorUse;
  readonly #slot: Slot;
  readonly #sleeper: StreamSleeper;
  readonly #class: StreamClass;
  #woken: WokenStream | undefined;

  constructor(
    { share, descriptor, use }: RestingPlace,
    slot: Slot,
    sleeper: StreamSleeper,
    streamClass: StreamClass,
  ) {
    this.#share = share;
    this.#descriptor = descriptor;
    this.#use = use;
    this.#slot = slot;
    this.#sleeper = sleeper;
    this.#class = streamClass;
  }

  ready(events: number): void {
    this.#sleeper.stirs();
    this.#woken?.ready(events);
  }

  wake(): Stream {
    const former = { slot: this.#slot, handler: this };
    this.#woken = new this.#class(this.#share, this.#descriptor, this.#use, former);
    this.#share.budget.giveBack(this.#use); // it has counted itself, and was counted all the time
    return this.#woken;
  }
}
