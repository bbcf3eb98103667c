// What a policy may say about bodies: how long they may be and how slow, and what becomes of their trailers.

import { z } from 'zod';
import { whole, yesOrNo } from '../option-schemas.ts';

/** Settings of `httpProxy` about bodies. */
export interface BodyOptions {
  /** Bytes of a body; 0 is no limit. What happens to longer ones says `bodyTooLong`. Default: 0. */
  readonly maxBodyLength?: number;
  /**
   * `refuse`: a body that announces more than `maxBodyLength` is refused before anything of it is sent on. `cut`: as many
   * bytes as are allowed pass; then the connection is cut, so that the receiver sees that it is not all. Default: refuse.
   */
  readonly bodyTooLong?: 'refuse' | 'cut';
  /** Bytes of a chunk; 0 is no limit. Default: 0. */
  readonly maxChunkLength?: number;
  /**
   * Fields after a chunked body. They are checked like those of a head; `keep` lets them pass through `requestHeader` or
   * `responseHeader`, but for fields that may not come so late. Default: drop.
   */
  readonly trailers?: 'drop' | 'keep';
  /**
   * Answers without a length, which end with the connection of their server, leave in chunks: so the client sees whether it
   * has all, and its connection stays. With `false` they end with its connection, too, and need not pass by the proxy itself.
   * Default: true.
   */
  readonly rechunk?: boolean;
  /**
   * Bytes a second, on an average of 20 seconds, that the body of a request must have, until its answer begins; who was
   * faster may be slower for up to five minutes. 0 is no limit. Default: 100.
   */
  readonly minBodyRate?: number;
  /**
   * Bytes a second, on an average of five minutes, that a client must read of the body of a response while more waits for it.
   * 0 is no limit. Default: 100.
   */
  readonly minReadRate?: number;
}

/** Checked settings about bodies. */
export type BodySettings = Readonly<Required<BodyOptions>>;

// More than any link has: a gigabyte a second.
const MAX_RATE = 1_000_000_000;

/** The part of the schema of `httpProxy` that is about bodies. */
export const bodyShape = {
  maxBodyLength: whole(0).default(0),
  bodyTooLong: z.enum(['refuse', 'cut'], { error: "give 'refuse' or 'cut'" }).default('refuse'),
  maxChunkLength: whole(0).default(0),
  trailers: z.enum(['drop', 'keep'], { error: "give 'drop' or 'keep'" }).default('drop'),
  rechunk: yesOrNo.default(true),
  // The slowest links of telephones carry ten times as much (GPRS: 1 KB a second). Who wants to keep a thousand connections
  // busy must send 100 KB a second; without a bound a byte in five minutes each would do.
  minBodyRate: whole(0, MAX_RATE).default(100),
  minReadRate: whole(0, MAX_RATE).default(100),
};
