// A body that goes through a child: what a script may say of it, and what it gets to know.

import { z } from 'zod';
import type { ContentWord } from '../../proxy/content-verdict.ts';
import type { Bytes } from '../../proxy/engine.ts';
import { milliseconds } from '../../proxy/milliseconds.ts';
import type { Waiting } from './step.ts';

/**
 * Announces a body: runs when the child has spoken, with the length that the child told, if it did. It sends what comes
 * before the body, and may read the answer to that. @returns whether the body goes out; if not, nothing of it does.
 */
export type Preamble = (length: number | undefined) => Waiting<boolean>;

/** What came of a body. */
export interface BodyOutcome {
  /** `finished`: the other peer has all. `refused`: it has nothing of it. `aborted`: it has a part, and is cut off from it. */
  readonly outcome: 'finished' | 'refused' | 'aborted';
  /** The child's word on the contents. `error` also for a child that failed, was too slow, or may not run. */
  readonly verdict: ContentWord;
  /** One line for people: the child's, or what went wrong. It can be sent on as it is. */
  readonly description: string;
  /** A reason code: `content.passed`, `content.reject`, `program.failed`, `limit.max-instances`. */
  readonly reason: string;
  /** How many bytes of the body the other peer got. */
  readonly sentBytes: number;
  /** How often `keepAlive` was sent. */
  readonly keptAlive: number;
}

const data = z.custom<string | Bytes>(
  (value) => typeof value === 'string' || value instanceof Uint8Array,
  { error: 'give a text or a Uint8Array' },
);

const preamble = z.custom<Preamble>((value) => typeof value === 'function');

/** The schema of what a script says of a body. */
export const bodySchema = z.strictObject({
  /** How many bytes of the peer are the body. Default: all up to its end. */
  length: z
    .int({ error: 'give a number of bytes' })
    .min(0, { error: 'give a number of bytes' })
    .optional(),
  /** Goes to the other peer before the body, when the child has spoken; or a `function*` that sends it. */
  preamble: z
    .union([data, preamble], { error: 'give a text, a Uint8Array or a function*' })
    .default(''),
  /** What the body is, for the child. */
  format: z.enum(['file', 'email'], { error: "give 'file' or 'email'" }).default('file'),
  // A user waits no longer for something that does not move; shorter than the session's own idle time, which would end it.
  /** The body fails after this time without a byte. */
  timeoutMs: milliseconds.default(60_000),
  /** What the other peer is sent every so often until the body begins, so that it goes on waiting. */
  keepAlive: z
    .strictObject({ everyMs: milliseconds, data }, { error: 'give { everyMs, data }' })
    .optional(),
  /** Whether the child sees all of the body even if `preamble` says that it does not go out. */
  completeCopy: z.boolean({ error: 'give true or false' }).default(false),
});

/** What a script may say of a body. */
export type BodyOptions = z.input<typeof bodySchema>;
