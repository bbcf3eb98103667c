// What a failed look-up or connection attempt means: its reason code, and a sentence for people.

import type { ConnectFailure } from '../proxy/engine.ts';

/** A bug of ours. */
export const INTERNAL_ERROR: ConnectFailure = {
  reason: 'session.internal-error',
  verdict: 'denied-by-unknown-fail',
  message: 'The connection to the server failed on an error of Zorp',
};

/** Nobody is left to be tried. */
export const ALL_DOWN: ConnectFailure = {
  reason: 'chainer.all-down',
  verdict: 'denied-by-connection-fail',
  message: 'All servers of the service are known to be down',
};

/** Engines ask before they connect. This is for one that forgets it: nobody passes unasked. */
export const NOBODY: ConnectFailure = {
  reason: 'authentication.missing',
  verdict: 'denied-by-policy',
  message: 'The client has not proved who it is',
};

const CONNECT_FAILURES: ReadonlyMap<string, readonly [reason: string, message: string]> = new Map([
  ['ECONNREFUSED', ['connect.refused', 'The server refused the connection']],
  ['ETIMEDOUT', ['connect.timeout', 'The server did not answer in time']],
  ['EHOSTUNREACH', ['connect.unreachable', 'There is no way to the server']],
  ['ENETUNREACH', ['connect.unreachable', 'There is no way to the server']],
  ['EADDRINUSE', ['connect.local-address', 'The local address of the server side is in use']],
  [
    'EADDRNOTAVAIL',
    ['connect.local-address', 'The local address of the server side is not available'],
  ],
  [
    'EPERM',
    [
      'connect.local-address',
      'The firewall lacks CAP_NET_ADMIN for the address or the mark of the server side',
    ],
  ],
  ['EWRONGPEER', ['connect.wrong-peer', 'The connection leads to another server than it should']],
  ['EMFILE', ['connect.no-descriptors', 'The firewall has no free descriptor']],
  ['ENFILE', ['connect.no-descriptors', 'The firewall has no free descriptor']],
]);

const RESOLVE_FAILURES: ReadonlyMap<string, readonly [reason: string, message: string]> = new Map([
  ['ENOTFOUND', ['resolve.unknown', 'The name of the server is not known']],
  ['ENODATA', ['resolve.unknown', 'The name of the server has no address']],
  ['EINVALIDNAME', ['resolve.invalid', 'The name of the server is not a valid host name']],
  ['ETIMEOUT', ['resolve.timeout', 'The name of the server was not resolved in time']],
  ['EBUSY', ['resolve.busy', 'Too many names are being resolved']],
]);

/** What a failed connection attempt means; `error` is a code such as 'ECONNREFUSED'. */
export function connectFailure(error: string): ConnectFailure {
  const [reason, message] = CONNECT_FAILURES.get(error) ?? [
    'connect.failed',
    `The connection to the server failed (${error})`,
  ];
  return { reason, verdict: 'denied-by-connection-fail', message };
}

/** Whether a failed attempt says something about the server, and not about this machine. */
export function isOfServer({ reason }: ConnectFailure): boolean {
  return reason !== 'connect.local-address' && reason !== 'connect.no-descriptors';
}

/** What a failed look-up of a name means; `error` is a code such as 'ENOTFOUND'. */
export function resolveFailure(error: string): ConnectFailure {
  const [reason, message] = RESOLVE_FAILURES.get(error) ?? [
    'resolve.failed',
    `The name of the server could not be resolved (${error})`,
  ];
  return { reason, verdict: 'denied-by-connection-fail', message };
}
