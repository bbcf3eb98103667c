// What becomes of the fields that speak of a body as it was, when a child stands between: its length, its digests, its
// coding, parts of it. And what a server must not be asked for, because the child would see a part, or nothing.

import type { Head } from '../heads/head.ts';
import { narrowed } from './content-codings.ts';

/** Changes fields: the whole line in their place, `''` to leave them out, undefined to let them be. */
export type FieldEdit = (head: Head<unknown>, index: number) => string | undefined;

/** Lengths and digests of bytes that may be others (RFC 9530, RFC 3230, RFC 1864). */
const OF_THESE_BYTES = ['content-length', 'content-md5', 'digest', 'content-digest', 'repr-digest'];

/** Whether the policy has a rule of its own for a field: then it has the last word. */
export type HasRule = (head: Head<unknown>, index: number) => boolean;

/** The body of one message: whether a child looks at it, and whether it sees it decoded. */
export interface EditOptions {
  readonly isStacked: boolean;
  readonly isDecoded: boolean;
}

/** The edits of a response that a child looks at, or would if it had a body. */
export function responseEdits({
  isDecoded,
  hasRule,
}: Pick<EditOptions, 'isDecoded'> & { readonly hasRule: HasRule }): FieldEdit {
  const dropped = new Set([...OF_THESE_BYTES, 'accept-ranges']);
  if (isDecoded) dropped.add('content-encoding');
  return (head, index) => {
    const name = head.name(index).toLowerCase();
    if (dropped.has(name)) return '';
    if (name !== 'etag' || hasRule(head, index)) return undefined;
    // The bytes may be others than the server's: what is left of a strong validator is a weak one (RFC 9110, 8.8.1).
    const value = head.value(index);
    return value.startsWith('W/') ? undefined : `${head.name(index)}: W/${value}\r\n`;
  };
}

/** The edits of a request: of the body that a child looks at, and of what is asked for, where one looks at the response. */
export function requestEdits(
  { isStacked, isDecoded }: EditOptions,
  response: EditOptions & { readonly hasRule: HasRule },
): FieldEdit {
  const dropped = new Set<string>();
  // We have answered the expectation ourselves.
  if (isStacked) for (const name of [...OF_THESE_BYTES, 'expect']) dropped.add(name);
  if (isStacked && isDecoded) dropped.add('content-encoding');
  // A part would be looked at as if it were the whole.
  if (response.isStacked) for (const name of ['range', 'if-range']) dropped.add(name);
  return (head, index) => {
    const name = head.name(index).toLowerCase();
    if (dropped.has(name)) return '';
    if (name !== 'accept-encoding' || !response.isStacked || !response.isDecoded) return undefined;
    if (response.hasRule(head, index)) return undefined;
    return `${head.name(index)}: ${narrowed(head.value(index))}\r\n`;
  };
}
