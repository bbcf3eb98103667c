// What a proxy does that only copies. A session can do that by itself, without an engine and the events in between: there is
// nothing in it to be decided, so that what it costs is what moving the bytes costs.

import type { ConnectFailure } from './proxy-event.ts';
import type { PeerSide } from './port.ts';
import type { CopiedDirections } from './relay-routes.ts';

/** How a session ends that copies: verdict, reason code and words. */
export type CopyingEnding = ConnectFailure;

/** The copying of bytes between client and server. */
export interface Copying extends CopiedDirections {
  /** The session ends after this time without a byte in either direction. */
  readonly timeoutMs: number;
  /** Whether the end of one direction leaves the other one open. */
  readonly endsSoftly: boolean;
  readonly endings: CopyingEndings;
}

/** The endings of such a session. */
export interface CopyingEndings {
  /** One side has ended, and that is enough. */
  readonly ended: Readonly<Record<PeerSide, CopyingEnding>>;
  readonly bothEnded: CopyingEnding;
  readonly timedOut: CopyingEnding;
  /** A side broke off, with that error: the other one is reset. */
  broken(side: PeerSide, error: string): CopyingEnding;
}
