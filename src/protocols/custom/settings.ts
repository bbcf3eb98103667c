// What a proxy of the policy's own can be told, with the defaults and the texts for those who get it wrong.

import { z } from 'zod';
import { registerOptions } from '../../proxy/option-owners.ts';
import type { Refusal } from '../../proxy/engine.ts';
import { milliseconds } from '../../proxy/milliseconds.ts';
import { stackableSchema } from '../../proxy/stackable.ts';
import type { Script } from './conversation.ts';

/** Makes the text that a client is told, in the words of its protocol, when the firewall refuses it. */
export type TellRefusal = (refusal: Refusal) => string;

// A line of a text protocol has at most some hundred bytes; the original's reader has the same default.
const DEFAULT_LINE_BYTES = 4096;
const LONGEST_LINE_BYTES = 65_536; // one read of a socket: what is longer is no line but a payload, to be read as bytes

const DEFAULT_BUFFERED_BYTES = 65_536; // one read of a socket
const MOST_BUFFERED_BYTES = 16_777_216; // a session that holds more on one side could take the memory of all others

// What RFC 5321 (4.5.3.2.7) gives a client for a command: enough for somebody who types, and an end for who trickles bytes.
const DEFAULT_READ_MS = 300_000;

const lineLength = z
  .int({ error: 'give a whole number of bytes' })
  .min(1, { error: 'give at least 1 byte' })
  .max(LONGEST_LINE_BYTES, { error: `give at most ${LONGEST_LINE_BYTES} bytes` });

/** The schema of the options of a custom proxy. */
export const customSchema = z.strictObject({
  /** Longest line of the client in bytes, without its end, at most 65536. A longer one ends the session. Default: 4096. */
  clientMaxLineLength: lineLength.default(DEFAULT_LINE_BYTES),
  /** Longest line of the server in bytes, without its end, at most 65536. A longer one ends the session. Default: 4096. */
  serverMaxLineLength: lineLength.default(DEFAULT_LINE_BYTES),
  /**
   * A side that the script does not read is held when this many bytes wait for it; also the most that one read asks for.
   * Default: 65536.
   */
  maxBufferedBytes: z
    .int({ error: 'give a whole number of bytes' })
    .min(1, { error: 'give at least 1 byte' })
    .max(MOST_BUFFERED_BYTES, { error: `give at most ${MOST_BUFFERED_BYTES} bytes` })
    .default(DEFAULT_BUFFERED_BYTES),
  /** The session ends after these milliseconds without a byte in either direction. Default: 600000. */
  timeoutMs: milliseconds.default(600_000),
  /**
   * A line, a number of bytes or a whole text that the script reads must be complete these milliseconds after its first
   * byte. Default: 300000.
   */
  timeoutReadMs: milliseconds.default(DEFAULT_READ_MS),
  /**
   * Who connects the server: the script, when it has seen enough, or Zorp before the script begins, as the original does.
   * Default: `by-script`.
   */
  connect: z
    .enum(['by-script', 'first'], { error: "give 'by-script' or 'first'" })
    .default('by-script'),
  /** How texts are written in bytes, in both directions. Bytes that are no UTF-8 end the session. Default: `utf-8`. */
  encoding: z.enum(['utf-8', 'latin1'], { error: "give 'utf-8' or 'latin1'" }).default('utf-8'),
  /** What ends a line. `crlf-or-lf` reads both; sent are CR LF, or LF for `lf`. Default: `crlf-or-lf`. */
  lineEnd: z
    .enum(['crlf-or-lf', 'crlf', 'lf'], { error: "give 'crlf-or-lf', 'crlf' or 'lf'" })
    .default('crlf-or-lf'),
  /** What the script may stack: services and programs, so that the policy knows and checks them. Default: nothing. */
  stacks: z
    .array(stackableSchema, { error: 'give a list of services and programs' })
    .readonly()
    .default([]),
  /** Tells the client why it is refused; without it, the connection is closed without a word. */
  tellRefusal: z
    .custom<TellRefusal>((value) => typeof value === 'function', {
      error: 'give a function that returns a text for the client',
    })
    .optional(),
});
registerOptions('customProxy', customSchema);

/** The schema of a custom proxy's name and script. */
export const definitionSchema = z.strictObject({
  name: z.string({ error: "name the protocol, such as 'guess'" }).regex(/^[a-z][a-z0-9-]{0,31}$/, {
    error: 'use at most 32 small letters, digits and dashes, and begin with a letter',
  }),
  script: z.custom<Script>((value) => typeof value === 'function', {
    error: 'give a generator function: function* ({ client, server, connect }) { ... }',
  }),
});

/** What a policy may write as the options of `customProxy`. */
export type CustomOptions = z.input<typeof customSchema>;

/** The options of a custom proxy, complete. */
export type CustomSettings = z.output<typeof customSchema>;
