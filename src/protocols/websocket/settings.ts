// What the WebSocket proxy can be told, with the defaults and the texts for those who get it wrong.

import { z } from 'zod';
import { registerOptions } from '../../proxy/option-owners.ts';
import { MAX_TIMER_MS } from '../../proxy/milliseconds.ts';
import type { Abort, Accept, Drop, Reject } from '../../proxy/policy-action.ts';
import type { ProxySession } from '../../proxy/proxy-session.ts';

/** A message as a function of the policy sees it. */
export interface WebSocketMessage {
  readonly from: 'client' | 'server';
  readonly type: 'text' | 'binary';
  /** The content, without masks and fragments. */
  readonly bytes: Uint8Array;
  /** The content of a text; of a binary message its bytes, one character each. */
  readonly text: string;
}

/** What a function of the policy answers: `drop()` discards the message, `reject` and `abort` end the connection. */
export type WebSocketAnswer = Accept | Drop | Reject | Abort;

/** Asked about each message, before anything of it goes on. */
export type WebSocketRule = (
  message: WebSocketMessage,
  session: ProxySession,
) => WebSocketAnswer | PromiseLike<WebSocketAnswer>;

/** Frames that a policy may leave out. Fragments belong to the message that they are part of, and Close always passes. */
export type WebSocketFrame = 'text' | 'binary' | 'ping' | 'pong';

// A message that a function is asked about is in memory as a whole.
const MAX_KEPT_LENGTH = 2 ** 26;
const DEFAULT_LENGTH = 2 ** 20; // as most servers have it

const timeCure = `give a whole number of milliseconds, 1 to ${MAX_TIMER_MS}`;
const lengthCure = 'give a whole number of bytes, 0 for no limit';
const length = z.int({ error: lengthCure }).min(0, { error: lengthCure });
const frames = z.enum(['text', 'binary', 'ping', 'pong'], {
  error: "give 'text', 'binary', 'ping' or 'pong'",
});

/** The schema of the settings of the WebSocket proxy. */
export const webSocketSchema = z
  .strictObject({
    /** A function of the policy that decides about each message. Default: none; then all pass, and none is kept. */
    message: z
      .custom<WebSocketRule>((value) => typeof value === 'function', {
        error: 'give a function that returns accept(), drop(), reject() or abort()',
      })
      .optional(),
    /** The frames that may come; others end the connection. Default: all four. */
    frames: z
      .array(frames, { error: "give a list such as ['text', 'ping', 'pong']" })
      .readonly()
      .default(['text', 'binary', 'ping', 'pong']),
    /** Bytes of a message, all its fragments together; 0 is no limit, and needs a proxy without `message`. Default: 1048576. */
    maxMessageLength: length.default(DEFAULT_LENGTH),
    /** Bytes of the payload of one frame; 0 is no limit but that of the message. Default: 0. */
    maxFrameLength: length.default(0),
    /** The session ends after these milliseconds without a byte in either direction. Default: 600000. */
    timeoutMs: z
      .int({ error: timeCure })
      .min(1, { error: timeCure })
      .max(MAX_TIMER_MS, { error: timeCure })
      .default(600_000),
  })
  .refine(
    ({ message, maxMessageLength }) =>
      message === undefined || (maxMessageLength > 0 && maxMessageLength <= MAX_KEPT_LENGTH),
    {
      path: ['maxMessageLength'],
      error: `give 1 to ${MAX_KEPT_LENGTH} bytes: a message that a function is asked about is kept in memory`,
    },
  );

/** What a policy may write in `webSocketProxy({ ... })`. */
export type WebSocketOptions = z.input<typeof webSocketSchema>;
registerOptions('webSocketProxy', webSocketSchema);

/** The settings of the WebSocket proxy, complete. */
export type WebSocketSettings = z.output<typeof webSocketSchema>;
