// Texts that a proxy of a line protocol says to its client in its own name, or in that of the policy.

import { Buffer } from 'node:buffer';
import type { Bytes } from './engine.ts';

const MAX_TOLD = 200; // characters: what a person reads of one line on a terminal

/** One line that tells people what is wrong. Only printable ASCII leaves: nothing can steer a terminal or begin a second line. */
export function toldLine(message: string): Bytes {
  const text = message.slice(0, MAX_TOLD).replace(/\s/g, ' ');
  return Buffer.from(`Zorp: ${text.replace(/[^ -~]/g, '?')}\r\n`, 'latin1');
}

/** A text of the policy in UTF-8, each line of it ended by CRLF; the empty text has no line. */
export function textLines(text: string): Bytes {
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/);
  return Buffer.from(text === '' ? '' : `${lines.join('\r\n')}\r\n`, 'utf8');
}
