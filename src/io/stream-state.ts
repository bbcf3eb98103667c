// What is known of a stream of the driver: its life, and what of epoll(7) concerns which.

import type { DescriptorBudget, DescriptorUse } from './descriptor-budget.ts';
import type { Framing, HoldReason, Ownership, Stream } from '../session/stream.ts';
import type { SystemCalls } from './socket-option.ts';
import { EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLPRI, EPOLLRDHUP } from './linux-constants.ts';

/** Closing: the descriptor is closed, and `closed` not said yet. */
export type Life = 'open' | 'closing' | 'closed';

/** How bytes of such a stream are owned: no field, which each of many thousand streams would have. */
export const LENT: Ownership = 'lent';

/** What it carries. */
export const BYTES: Framing = 'bytes';

/** Its small writes leave together. */
export const GATHERS: NonNullable<Stream['gathers']> = true;

/** What holds a stream until somebody listens. */
export const NO_LISTENER: HoldReason = 'no-listener';

/** Events after which reading may bring something. */
export const READABLE = EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLHUP | EPOLLERR;

/** Events that say: behind a short read there is more, an end or an error, or what stands behind urgent data (tcp(7)). */
export const MORE_TO_READ = EPOLLPRI | EPOLLRDHUP | EPOLLHUP | EPOLLERR;

/** What a stream leaves behind that goes on in other hands: it is nobody's until somebody takes it. */
export interface LeftStream {
  readonly calls: SystemCalls;
  readonly budget: DescriptorBudget;
  readonly descriptor: number;
  readonly use: DescriptorUse;
  /** What was written, and the kernel has not taken yet. */
  readonly unsent: readonly Uint8Array[];
  /** The end is to follow it. */
  readonly isEnding: boolean;
}
