// Text as bytes and back, strictly: what cannot be written or read exactly is refused, never replaced.

import { Buffer } from 'node:buffer';
import type { Bytes } from '../../proxy/engine.ts';
import { Violation } from '../../proxy/violation.ts';
import type { PeerName } from './inbox.ts';

/** How texts are written in bytes. */
export type Encoding = 'utf-8' | 'latin1';

// A byte order mark is a character like others: taken away, it would be missing in what is sent on.
const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of bytes that a peer sent. */
export function decodeText(bytes: Bytes, encoding: Encoding, side: PeerName): string {
  if (encoding === 'latin1')
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  try {
    return UTF_8.decode(bytes);
  } catch {
    throw new Violation('custom.invalid-encoding', side, 'There are bytes that are not UTF-8');
  }
}

/** A text of somebody else as one line that can be sent: what it may not have in it becomes a space or a question mark. */
export function oneLine(text: string, encoding: Encoding): string {
  const line = text.replaceAll(/[\0-\x1f\x7f]+/g, ' ').toWellFormed();
  return encoding === 'latin1' ? line.replaceAll(/[^\0-\xff]/g, '?') : line;
}

/** The bytes of a text; undefined if a character of it cannot be written. */
export function encodeText(text: string, encoding: Encoding): Bytes | undefined {
  const isExact = encoding === 'latin1' ? !/[^\0-\xff]/.test(text) : text.isWellFormed();
  return isExact ? new Uint8Array(Buffer.from(text, encoding)) : undefined;
}
