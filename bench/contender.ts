// What takes part in a comparison: a proxy that can be started, before one and the same back end.

import type { Command } from './child.ts';

/** Who takes part; `zorp-net` is Zorp on node:net, without its driver. */
export type Name = 'zorp' | 'haproxy' | 'nginx' | 'zorp-net';

/** Where a proxy listens. */
export interface Ports {
  /** HTTP; connections to the server are used again, as far as the proxy does that. */
  readonly http: number;
  /** HTTP with a new connection to the server for each of the client. */
  readonly httpOnce: number;
  /** Bytes, unseen. Undefined where the proxy cannot do that here. */
  readonly plug: number | undefined;
}

/** A proxy that can be started. */
export interface Contender {
  readonly name: Name;
  readonly version: string;
  readonly ports: Ports;
  readonly command: Command;
}

/** A peer that is missing, or a part of one, and how to get it. */
export interface Missing {
  readonly what: string;
  readonly cure: string;
}

/** Where a contender is to be set up. */
export interface Place {
  /** A folder for its files, removed at the end. */
  readonly folder: string;
  readonly serverPort: number;
  /** Three free ports. */
  readonly ports: readonly [number, number, number];
}
