// What is known of a stream of the driver: its two directions, its life, and what of epoll(7) concerns which.

import { EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLPRI, EPOLLRDHUP } from './linux-constants.ts';
import type { PipeMove } from './pipe-move.ts';

/** What is known of bytes to come: none now; maybe some; the end, which is not said yet; or it has been said. */
export type Incoming = 'quiet' | 'ready' | 'end-due' | 'ended';

/** Whether more may be written, the FIN follows what is queued, or it is with the kernel. */
export type Outgoing = 'open' | 'ending' | 'ended';

/** Closing: the descriptor is closed, and `closed` not said yet. */
export type Life = 'open' | 'closing' | 'closed';

/** The moves of a stream, out of it and into it; a stream that never moved anything has none. */
export interface Moves {
  out?: PipeMove | undefined;
  in?: PipeMove | undefined;
  /** Whether the kernel may take more of what is moved in. */
  isWritable: boolean;
}

/** Events after which reading may bring something. */
export const READABLE = EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLHUP | EPOLLERR;

/** Events that say: behind a short read there is more, an end or an error, or what stands behind urgent data (tcp(7)). */
export const MORE_TO_READ = EPOLLPRI | EPOLLRDHUP | EPOLLHUP | EPOLLERR;
