// What the Connection field says (RFC 9110, 7.6.1): whether the connection stays, and which fields end here.

import { Violation } from '../../../proxy/violation.ts';
import { isToken, listMembers } from './byte-text.ts';
import type { Head } from './head.ts';
import type { HeaderTable } from './header-table.ts';
import { CONNECTION, flagsOf, HOP_BY_HOP, PROTECTED, PROXY_CONNECTION } from './header-table.ts';
import type { KnownFields } from './known-fields.ts';

/** What a peer says about its connection. */
export interface ConnectionOptions {
  readonly persistence: 'close' | 'keep-alive' | 'unsaid';
  /** Lower-case names of further fields that end here. */
  readonly strip: readonly string[];
}

const UNSAID: ConnectionOptions = { persistence: 'unsaid', strip: [] };
const KEEP_ALIVE: ConnectionOptions = { persistence: 'keep-alive', strip: [] };
const CLOSE: ConnectionOptions = { persistence: 'close', strip: [] };

/**
 * Reads the Connection fields of a head, and Proxy-Connection, which old clients of a proxy send instead: where both are
 * there, what either says counts, because readers disagree about which one does.
 */
export function readConnection(
  head: Head<unknown>,
  known: KnownFields,
  { names, side }: { names: HeaderTable; side: 'client' | 'server' },
): ConnectionOptions {
  const id = known.has(CONNECTION) ? CONNECTION : PROXY_CONNECTION;
  const place = known.place(id);
  if (place === -1) return UNSAID;
  const hasOther = id === CONNECTION && known.has(PROXY_CONNECTION);
  if (!hasOther && !isRepeated(head, id, place)) {
    if (head.hasToken(place, 'keep-alive')) return KEEP_ALIVE;
    if (head.hasToken(place, 'close')) return CLOSE;
  }
  const text = allValues(head, id, place);
  const other = hasOther
    ? `,${allValues(head, PROXY_CONNECTION, known.place(PROXY_CONNECTION))}`
    : '';
  return readTokens((text + other).toLowerCase(), names, side);
}

/** Whether a connection stays open after a message of this minor version (RFC 9112, 9.3). */
export function isPersistent(minor: 0 | 1, options: ConnectionOptions): boolean {
  return minor === 1 ? options.persistence !== 'close' : options.persistence === 'keep-alive';
}

function isRepeated(head: Head<unknown>, id: number, place: number): boolean {
  for (let index = place + 1; index < head.count; index++) if (head.id(index) === id) return true;
  return false;
}

function allValues(head: Head<unknown>, id: number, place: number): string {
  let text = head.value(place);
  for (let index = place + 1; index < head.count; index++)
    if (head.id(index) === id) text += `,${head.value(index)}`;
  return text;
}

function readTokens(
  text: string,
  names: HeaderTable,
  side: 'client' | 'server',
): ConnectionOptions {
  const tokens = listMembers(text);
  for (const token of tokens) checkToken(token, names, side);
  const isClosing = tokens.includes('close');
  const persistence = isClosing ? 'close' : tokens.includes('keep-alive') ? 'keep-alive' : 'unsaid';
  const strip = tokens.filter(
    (token) =>
      token !== 'close' && token !== 'keep-alive' && !hasFlag(names.idOf(token), HOP_BY_HOP),
  );
  return { persistence, strip };
}

function checkToken(token: string, names: HeaderTable, side: 'client' | 'server'): void {
  if (!isToken(token))
    throw new Violation('http.bad-connection', side, 'The Connection field is not a list of names');
  // `Connection: X-Forwarded-For` strips on the way what the server decides by.
  if (hasFlag(names.idOf(token), PROTECTED))
    throw new Violation(
      'http.connection-strips-field',
      side,
      'The Connection field names a field that must not be removed',
    );
}

function hasFlag(id: number, flag: number): boolean {
  return (flagsOf(id) & flag) !== 0;
}
