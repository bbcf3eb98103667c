// What becomes of a connection, as far as somebody outside can tell: connects, what its client sees, and its record.

import type { SocketAddress } from '../../src/address/socket-address.ts';
import type { DecisionRecord, RecordedAddress } from '../../src/log/decision-record.ts';
import type { ConnectRequest } from '../../src/session/outside.ts';

/** A connect that was asked for, as text. */
export interface RequestedConnect {
  readonly remote: string;
  readonly local: string | undefined;
  readonly localLoose: boolean;
  readonly localRandom: boolean;
  readonly timeoutMs: number;
}

/** A record without numbers of sessions, times and bytes. */
export type RecordPart = Pick<
  DecisionRecord,
  | 'listener'
  | 'rule'
  | 'service'
  | 'proxy'
  | 'client'
  | 'clientLocal'
  | 'server'
  | 'serverLocal'
  | 'verdict'
  | 'reason'
  | 'message'
  | 'stacked'
  | 'related'
> & { readonly connects: readonly AttemptPart[] };

/** An attempt of a record without its time. */
export type AttemptPart = Omit<DecisionRecord['connects'][number], 'durationMs'>;

/** What becomes of a connection. */
export interface Outcome {
  readonly requests: readonly RequestedConnect[];
  /** What the client hears, and how it is closed by force: `failed: connect.refused, reset`. */
  readonly client: string;
  /** What the last server hears that was connected. */
  readonly server: string;
  /** Undefined for what a deny service does not record. */
  readonly record: RecordPart | undefined;
}

/** Where connections to servers come from, whatever was asked for. */
export const SERVER_LOCAL = '192.0.2.253:50000';

/** A request as text. */
export function requestPart({
  remote,
  local,
  timeoutMs,
  ...flags
}: ConnectRequest): RequestedConnect {
  const { localLoose, localRandom } = flags;
  const from = local === undefined ? undefined : String(local);
  return { remote: String(remote), local: from, localLoose, localRandom, timeoutMs };
}

/** The part of a record that can be foretold. */
export function recordPart(record: DecisionRecord): RecordPart {
  const { listener, rule, service, proxy, client, clientLocal, server, serverLocal } = record;
  const { verdict, reason, message, connects, stacked, related } = record;
  const attempts = connects.map(({ host, server: to, outcome }) => ({ host, server: to, outcome }));
  return {
    ...{ listener, rule, service, proxy, client, clientLocal, server, serverLocal },
    ...{ verdict, reason, message, connects: attempts, stacked: [...stacked], related },
  };
}

/** An address as records have it, without a zone. */
export function recorded({ address, port }: SocketAddress): RecordedAddress {
  return { address: String(address), port };
}
