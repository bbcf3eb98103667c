// The check of header fields that a policy makes: what is no field, or is the proxy's own affair, is never sent.

import { readAuthority } from '../urls/authority.ts';
import { isFieldValue, isToken } from '../heads/byte-text.ts';
import {
  CONTENT_LENGTH,
  flagsOf,
  HeaderTable,
  HOP_BY_HOP,
  HOST,
  SINGLETON,
  TRANSFER_ENCODING,
} from '../heads/header-table.ts';

const KNOWN_NAMES = new HeaderTable();

/**
 * Characters of a name or a value: twice a line that a peer may send, and little enough to be looked at while others
 * wait.
 */
export const MAX_FIELD_LENGTH = 65_536;

/** Whether a policy may not name this field: the proxy writes it itself, or never passes it. */
export function isReserved(name: string): boolean {
  const id = KNOWN_NAMES.idOf(name);
  return id === CONTENT_LENGTH || id === TRANSFER_ENCODING || (flagsOf(id) & HOP_BY_HOP) !== 0;
}

/** Whether this is the name of Host: a second one would make the request mean two servers. */
export function isHostName(name: string): boolean {
  return KNOWN_NAMES.idOf(name) === HOST;
}

/** Whether a message may have only one field of this name. */
export function isSingleton(name: string): boolean {
  return (flagsOf(KNOWN_NAMES.idOf(name)) & SINGLETON) !== 0;
}

/** What a name must be instead, for messages; undefined if it is right. */
export function nameCure(name: string): string | undefined {
  if (isTooLong(name)) return TOO_LONG;
  if (!isToken(name)) return 'a header name, which is a token such as X-Name';
  return isReserved(name)
    ? 'another header name: this field is written by the proxy itself, or never passes'
    : undefined;
}

/** What the value of a field must be instead, for messages; undefined if it is right. */
export function valueCure(name: string, value: string): string | undefined {
  if (isTooLong(value)) return TOO_LONG;
  // A CR LF in a value would begin a header, or a message, of its own (response splitting).
  if (!isFieldValue(value))
    return 'a value of Latin-1 characters, without control characters and blanks at its ends';
  return isHostName(name) && !isHost(value) ? 'a host, or a host and a port' : undefined;
}

const TOO_LONG = `a text of at most ${MAX_FIELD_LENGTH} characters`;

/** A policy may give anything. */
function isTooLong(text: unknown): boolean {
  return typeof text === 'string' && text.length > MAX_FIELD_LENGTH;
}

function isHost(text: string): boolean {
  try {
    return readAuthority(text, text.length).host !== '';
  } catch {
    return false;
  }
}
