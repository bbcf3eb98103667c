// Credentials of the Basic scheme (RFC 7617).

import { Buffer } from 'node:buffer';
import type { Credentials } from '../../../proxy/authentication.ts';

// Strict base64 (RFC 4648, 4): one reader must not see another name than the next one.
const BASIC = /^basic +((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)$/i;

/** Name and password of a field such as `Basic YTpi`; undefined for other schemes, and for what is no UTF-8. */
export function readBasic(value: string): Credentials | undefined {
  const encoded = BASIC.exec(value)?.[1];
  if (encoded === undefined) return undefined;
  const text = utf8(Buffer.from(encoded, 'base64'));
  const colon = text?.indexOf(':') ?? -1;
  if (text === undefined || colon === -1) return undefined;
  return { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

function utf8(bytes: Buffer): string | undefined {
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? text : undefined;
}
