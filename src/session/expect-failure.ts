// Why a connection that a proxy expects did not come: its reason code, and a sentence for people.

import type { ConnectFailure } from '../proxy/engine.ts';

/** Nobody connected in time. */
export const NOBODY_CAME: ConnectFailure = {
  reason: 'expect.timeout',
  verdict: 'denied-by-connection-fail',
  message: 'The expected connection did not come in time',
};

/** A connection of the server is expected, and there is no server that could say who and where. */
export const NO_SERVER: ConnectFailure = {
  reason: 'expect.no-server',
  verdict: 'denied-by-connection-fail',
  message: 'There is no server connection yet, whose server could connect back',
};

const LISTEN_FAILURES: ReadonlyMap<string, readonly [reason: string, message: string]> = new Map([
  ['EADDRINUSE', ['expect.local-address', 'The address for the expected connection is in use']],
  [
    'EADDRNOTAVAIL',
    ['expect.local-address', 'The address for the expected connection is not of this machine'],
  ],
  [
    'EPERM',
    [
      'expect.local-address',
      'The firewall lacks CAP_NET_ADMIN for the address of the expected connection',
    ],
  ],
  ['EACCES', ['expect.local-address', 'The port for the expected connection is a privileged one']],
  ['EMFILE', ['expect.no-descriptors', 'The firewall has no free descriptor']],
  ['ENFILE', ['expect.no-descriptors', 'The firewall has no free descriptor']],
]);

/** What it means that a port could not be opened; `error` is a code such as 'EADDRINUSE'. */
export function listenFailure(error: string): ConnectFailure {
  const [reason, message] = LISTEN_FAILURES.get(error) ?? [
    'expect.failed',
    `No port could be opened for the expected connection (${error})`,
  ];
  return { reason, verdict: 'denied-by-connection-fail', message };
}
