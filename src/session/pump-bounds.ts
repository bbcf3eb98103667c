// What bounds a pump: what the end of its session may cost, and from when on its relays are worth moving.

// One read of a relay that brings this much says that more follows, so that the kernel moves the rest. Moving costs two
// calls and a pipe for whatever there is, copying two calls and the bytes: below this they are as cheap as the pipe.
const MIN_MOVED_READ = 32_768;

/** The bounds of a pump. */
export interface PumpBounds {
  /** How long the last bytes may take once the session has ended. */
  readonly lingerMs: number;
  /** How much a peer may still send then. */
  readonly maxDiscardedBytes: number;
  /** The shortest read of a relay after which the kernel is asked to move the rest. */
  readonly minMovedRead: number;
}

/** The bounds of a session of its own. */
export const OWN_BOUNDS: PumpBounds = {
  // A stream whose last bytes have not all gone to the kernel by then is reset, so that its peer cannot mistake a cut for
  // an end; the kernel goes on delivering what it has.
  lingerMs: 10_000,
  // More than a full window of a slow line, and nothing for a fast one: what a peer had under way at the end.
  maxDiscardedBytes: 262_144,
  minMovedRead: MIN_MOVED_READ,
};

/** The bounds of a child: its parent takes the last bytes at the pace of its own peer, and ends the child when it ends itself. */
export const BOUNDED_BY_PARENT: PumpBounds = {
  lingerMs: Infinity,
  maxDiscardedBytes: Infinity,
  minMovedRead: MIN_MOVED_READ,
};
