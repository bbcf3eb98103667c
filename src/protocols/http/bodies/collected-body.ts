// The body of a request that is for ourselves: collected, bounded, and sent to nobody.

import { Buffer } from 'node:buffer';
import type { Bytes, ProxyAction } from '../../../proxy/engine.ts';
import type { BodyLimits } from './body-transfer.ts';
import { BodyTransfer } from './body-transfer.ts';
import { copyOf } from '../heads/byte-text.ts';
import type { Framing } from './framing.ts';

/** The most that can be collected: longer bodies would be left to a relay, past us. */
export const MAX_COLLECTED_BYTES = 12_288;

const LIMITS: BodyLimits = {
  maxBodyLength: MAX_COLLECTED_BYTES,
  bodyTooLong: 'refuse',
  maxChunkLength: 0, // the body as a whole is bounded
  maxLineLength: 1_024, // of its trailers, which are dropped
  maxHeadBytes: 4_096,
  maxHeaderLines: 16,
};

/** A body on its way to us. */
export class CollectedBody extends BodyTransfer {
  readonly #parts: Bytes[] = [];

  constructor(framing: Framing) {
    super({ from: 'client', to: 'server', coding: 'plain', framing, limits: LIMITS });
  }

  /** What has come, as one piece. */
  get bytes(): Bytes {
    return Buffer.concat(this.#parts);
  }

  /** Takes what would be sent on, so that nothing is. */
  override take(bytes: Bytes, from: number, out: ProxyAction[]): number {
    const first = out.length;
    const end = super.take(bytes, from, out);
    for (const action of out.splice(first))
      if (action.type === 'send') this.#parts.push(copyOf(action.bytes));
    return end;
  }
}
