// Content codings in header fields: which one a body has, and which ones a server may use for a body that is looked at.

import type { ContentCoding } from '../../../proxy/content-decoding.ts';
import { listMembers, withoutBlanks } from '../heads/byte-text.ts';
import type { Head } from '../heads/head.ts';
import { HeadFields } from '../heads/head-fields.ts';

/** `x-gzip` is an old name of gzip (RFC 9110, 8.4.1.3). */
const KNOWN: ReadonlyMap<string, ContentCoding> = new Map([
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['br', 'br'],
  ['zstd', 'zstd'],
]);

/** The coding of a body: `none`, one that can be undone, or `other`: an unknown one, or several. */
export function codingOf(head: Head<unknown>): ContentCoding | 'none' | 'other' {
  const members = new HeadFields(head).members('content-encoding');
  const codings = members
    .map((member) => member.toLowerCase())
    .filter((coding) => coding !== 'identity');
  const [first] = codings;
  if (first === undefined) return 'none';
  return codings.length === 1 ? (KNOWN.get(first) ?? 'other') : 'other';
}

/**
 * An Accept-Encoding that asks for nothing that cannot be undone: the codings of the given one that can, with their weights;
 * `identity` where there is none of them, because without the field a server may use any (RFC 9110, 12.5.3).
 */
export function narrowed(acceptEncoding: string): string {
  const kept = listMembers(acceptEncoding).filter(
    (part) => KNOWN.has(nameOf(part)) && !/;[ \t]*q=0(?:\.0*)?$/i.test(part),
  );
  return kept.length === 0 ? 'identity' : kept.join(', ');
}

function nameOf(part: string): string {
  return withoutBlanks(part.split(';')[0] ?? '').toLowerCase();
}
