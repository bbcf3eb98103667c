// What a plug can be told, with the defaults and the texts for those who get it wrong.

import { z } from 'zod';
import { registerOptions } from '../../proxy/option-owners.ts';
import type { Abort, Accept, Drop, Reject } from '../../proxy/policy-action.ts';
import type { Stackable } from '../../proxy/engine.ts';
import { milliseconds } from '../../proxy/milliseconds.ts';
import type { ProxySession } from '../../proxy/proxy-session.ts';
import { stackableSchema } from '../../proxy/stackable.ts';

/** What has passed through a plug since its start. */
export interface PlugStatistics {
  /** Bytes received from the client. */
  readonly fromClient: number;
  /** Bytes received from the server. */
  readonly fromServer: number;
  /** Bytes a second, averaged since the start; 0 if nothing is copied that way. */
  readonly bandwidthToServer: number;
  /** Bytes a second, averaged since the start; 0 if nothing is copied that way. */
  readonly bandwidthToClient: number;
  /** How long this session has been copying: a multiple of `everyMs`. */
  readonly elapsedMs: number;
}

/** What the policy says about a session that is running: it goes on, or it ends. */
export type PlugAnswer = Accept | Reject | Abort | Drop;

/** Called every `everyMs`: anything but `accept()` ends the session. */
export type PlugCheck = (
  statistics: PlugStatistics,
  session: ProxySession,
) => PlugAnswer | PromiseLike<PlugAnswer>;

/** Chooses the child of a session when its server is connected; undefined: none, bytes pass straight through. */
export type PlugStack = (
  session: ProxySession,
) => Stackable | undefined | PromiseLike<Stackable | undefined>;

// Each is looked for among those that there are: enough for the channels of any protocol, and no table of a crowd.
const MAX_SECONDARY_SESSIONS = 64;
const FLOWS_CURE = `give a whole number, 0 to ${MAX_SECONDARY_SESSIONS}`;

const flag = z.boolean({ error: 'give true or false' });
const check = z.custom<PlugCheck>((value) => typeof value === 'function', {
  error: 'give a function that returns accept() or abort()',
});

const stack = z.union(
  [stackableSchema, z.custom<PlugStack>((value) => typeof value === 'function')],
  {
    error: 'give a service made by service(), a program made by program(), or a function',
  },
);

/** The schema of the settings of a plug. */
export const plugSchema = z
  .strictObject({
    /** Whether bytes of the client reach the server; otherwise they are read and thrown away. Default: true. */
    copyToServer: flag.default(true),
    /** Whether bytes of the server reach the client; otherwise they are read and thrown away. Default: true. */
    copyToClient: flag.default(true),
    /** The session ends after these milliseconds without a byte in either direction. Default: 600000. */
    timeoutMs: milliseconds.default(600_000),
    /**
     * How many further flows of the client to the same destination a session takes, over UDP, at most 64; beyond them, and
     * with 0, each is a session. Default: 0.
     */
    secondarySessions: z
      .int({ error: FLOWS_CURE })
      .min(0, { error: FLOWS_CURE })
      .max(MAX_SECONDARY_SESSIONS, { error: FLOWS_CURE })
      .default(0),
    /** Whether the end of one direction leaves the other one open; with a child and under another proxy it always does. Default: true. */
    shutdownSoft: flag.default(true),
    /** A function of the policy that watches the session, asked every `everyMs` milliseconds. Default: none. */
    statistics: z
      .strictObject(
        { everyMs: milliseconds, check },
        { error: 'give an object: { everyMs: 60_000, check: (statistics) => accept() }' },
      )
      .optional(),
    /** What all bytes go through: a service or a program, or a function that chooses one for each session. Default: nothing. */
    stack: stack.optional(),
    /** What a function in `stack` may choose, so that the policy knows and checks it. Default: nothing. */
    stacks: z
      .array(stackableSchema, { error: 'give a list of services and programs' })
      .readonly()
      .default([]),
  })
  .refine(({ stack, stacks }) => stacks.length === 0 || typeof stack === 'function', {
    path: ['stacks'],
    error: 'remove it: it is for a function in stack, to say what that may choose',
  })
  .refine(({ stack, secondarySessions }) => stack === undefined || secondarySessions === 0, {
    path: ['secondarySessions'],
    error: 'remove it, or the stack: it is for datagrams, and a child takes a stream of bytes',
  });
registerOptions('plugProxy', plugSchema);

/** What a policy may write in `plugProxy({ ... })`. */
export type PlugOptions = z.input<typeof plugSchema>;

/** The settings of a plug, complete. */
export type PlugSettings = z.output<typeof plugSchema>;
