// A stream of the driver at rest: its place in the driver, and whom it wakes. There may be many thousand.

import type { RestingStream, Stream, StreamSleeper } from '../session/stream.ts';
import type { DescriptorUse } from './descriptor-budget.ts';
import type { DescriptorHandler, Slot } from './driver.ts';
import type { StreamShare } from './stream-share.ts';

export type { RestingStream, StreamSleeper } from '../session/stream.ts';

/** A stream of the driver that was woken. */
export type WokenStream = Stream & DescriptorHandler;

/** The class of streams that are made anew, each in the place of its former handler. */
export type StreamClass = new (
  share: StreamShare,
  descriptor: number,
  use: DescriptorUse,
  former: { readonly slot: Slot; readonly handler: DescriptorHandler },
) => WokenStream;

/** What streams of one kind are made anew with, shared by all of them. */
export interface StreamKind {
  readonly share: StreamShare;
  readonly use: DescriptorUse;
  readonly streamClass: StreamClass;
}

const kinds = new WeakMap<StreamShare, StreamKind[]>();

/** What streams of a share, a use and a class are made anew with. */
export function kindOf(
  share: StreamShare,
  use: DescriptorUse,
  streamClass: StreamClass,
): StreamKind {
  const ofShare = kinds.get(share) ?? [];
  kinds.set(share, ofShare);
  const known = ofShare.find((kind) => kind.use === use && kind.streamClass === streamClass);
  if (known !== undefined) return known;
  const kind = { share, use, streamClass };
  ofShare.push(kind);
  return kind;
}

/** The handler of a descriptor whose stream rests; that stays counted. */
export class RestingDescriptor implements DescriptorHandler, RestingStream {
  readonly #kind: StreamKind;
  readonly #descriptor: number;
  readonly #slot: Slot;
  readonly #sleeper: StreamSleeper;
  #woken: WokenStream | undefined;

  constructor(kind: StreamKind, descriptor: number, slot: Slot, sleeper: StreamSleeper) {
    this.#kind = kind;
    this.#descriptor = descriptor;
    this.#slot = slot;
    this.#sleeper = sleeper;
  }

  ready(events: number): void {
    this.#sleeper.stirs();
    this.#woken?.ready(events);
  }

  wake(): Stream {
    const { share, use, streamClass } = this.#kind;
    const former = { slot: this.#slot, handler: this };
    this.#woken = new streamClass(share, this.#descriptor, use, former);
    share.budget.giveBack(use); // it has counted itself, and was counted all the time
    return this.#woken;
  }
}
