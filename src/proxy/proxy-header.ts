// The PROXY protocol (haproxy's proxy-protocol.txt): what a load balancer says of a connection before the bytes of its
// client. The first bytes tell the versions apart; each has a reader of its own.

import type { Bytes } from './engine.ts';
import type { HeaderReading } from './proxy-header-reading.ts';
import { faulty } from './proxy-header-reading.ts';
import { readTextHeader, TEXT_BEGINNING } from './proxy-header-v1.ts';
import { BINARY_BEGINNING, readBinaryHeader } from './proxy-header-v2.ts';

export type { HeaderReading, ProxiedEnds } from './proxy-header-reading.ts';

/** The longest header that is taken, in bytes: addresses, and room for what is told of a TLS client. nginx has the same. */
export const MAX_PROXY_HEADER_BYTES = 4096;

/** Reads a header of either version at the beginning of a connection: of all bytes that have come so far. */
export function readProxyHeader(bytes: Bytes): HeaderReading {
  if (agree(bytes, TEXT_BEGINNING)) return readTextHeader(bytes);
  if (agree(bytes, BINARY_BEGINNING)) return readBinaryHeader(bytes, MAX_PROXY_HEADER_BYTES);
  return faulty('missing', 'The connection does not begin with a PROXY header');
}

/** Whether bytes begin in this way, as far as they have come. */
function agree(bytes: Bytes, beginning: Bytes): boolean {
  const length = Math.min(bytes.length, beginning.length);
  for (let at = 0; at < length; at++) if (bytes[at] !== beginning[at]) return false;
  return true;
}
