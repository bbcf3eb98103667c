// The CONNECT that a request of SOCKS would be in HTTP. Nothing of the client gets into it that was not checked.

import { Buffer } from 'node:buffer';
import type { Bytes } from '../../proxy/engine.ts';
import { Violation } from '../../proxy/violation.ts';
import { canonicalHost, writeAuthority } from '../http/urls/authority.ts';
import type { AskedConnection } from './socks-handshake.ts';

/** The head of the request. */
export function connectRequest({ host, port, credentials }: AskedConnection): Bytes {
  const isWhole = host.startsWith('[') === host.endsWith(']');
  const name = isWhole ? canonicalHost(host) : undefined;
  if (name === undefined || port === 0)
    throw new Violation(
      'socks.bad-target',
      'client',
      'A SOCKS request names no valid host and port',
    );
  const target = writeAuthority(name, port);
  const fields = [`Host: ${target}`, 'Connection: close'];
  if (credentials !== undefined) {
    const { user, password } = credentials;
    const pair = Buffer.concat([user, Buffer.from(':'), password]).toString('base64');
    fields.push(`Proxy-Authorization: Basic ${pair}`);
  }
  return Buffer.from(`CONNECT ${target} HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n`);
}
