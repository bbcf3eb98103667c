// The extension `server_name` of a ClientHello (RFC 6066, 3).

import { Buffer } from 'node:buffer';
import type { Bytes } from '../../proxy/engine.ts';
import { ByteCursor, Malformed } from './byte-cursor.ts';

const HOST_NAME = 0;
const MAX_NAME = 255; // RFC 1035, 2.3.4

/** Labels of letters, digits, hyphens and underscores; the last one is not a number, so that no address is taken for a name. */
const NAME =
  /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*(?![0-9]+$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/**
 * The name of the server in lower case.
 * @throws Malformed unless there is exactly one name, and it is the name of a host and no address.
 */
export function readServerName(extension: Bytes): string {
  const cursor = new ByteCursor(extension, 'server_name');
  const list = cursor.vector(2, 4, 'server_name');
  cursor.end();
  if (list.number(1) !== HOST_NAME) throw new Malformed('server_name has a name of another kind');
  const bytes = list.vector(2, 1, 'the name of the server').rest;
  // Two names could be read in two ways; other kinds than host names were never defined.
  list.end();
  const name = Buffer.from(bytes).toString('latin1').toLowerCase();
  if (name.length > MAX_NAME || !NAME.test(name))
    throw new Malformed('the name of the server is no host name');
  return name;
}
