// What a session hands to the log when it has ended: its decision record before any of it is text, for whoever writes it
// mostly has the text of the record before.

import type { SocketAddress } from '../address/socket-address.ts';
import type { DecisionRecord, RecordedAddress, RecordedConnect } from './decision-record.ts';
import { timeWriter } from './time-text.ts';

/** One attempt to reach a server; `zone` is null where no zone has that. */
export interface ConnectAttempt extends Omit<RecordedConnect, 'server'> {
  readonly server: SocketAddress | null;
  readonly zone: string | null;
}

type Written =
  | 'type'
  | 'sessionId'
  | 'client'
  | 'clientLocal'
  | 'peer'
  | 'server'
  | 'serverLocal'
  | 'connects'
  | 'start';

/** What is recorded of a connection: as in the decision record, but for what is written there as text. */
export interface SessionRecord extends Omit<DecisionRecord, Written> {
  /** Number of the session among those of its service, from 0. */
  readonly instanceId: number;
  readonly client: SocketAddress;
  readonly clientZone: string | null;
  readonly clientLocal: SocketAddress;
  readonly peer: SocketAddress | null;
  readonly peerZone: string | null;
  readonly server: SocketAddress | null;
  readonly serverZone: string | null;
  readonly serverLocal: SocketAddress | null;
  readonly connects: readonly ConnectAttempt[];
  /** Begin, whole milliseconds since 1970. */
  readonly startedAt: number;
}

/** What the session of a connection is called in logs and records; `service` is null where there is none. */
export function sessionIdOf(instance: string, service: string | null, instanceId: number): string {
  return `svc/${instance}/${service ?? ''}:${instanceId}`;
}

/** An address as records have it; `zone` is null where no zone has it, undefined where zones do not count. */
export function recordedAddress(address: SocketAddress, zone?: string | null): RecordedAddress {
  const { port } = address;
  const written = { address: address.address.toString(), port };
  return zone === undefined ? written : { ...written, zone };
}

/** The decision record itself. `recordWriter` writes the same, only sooner. */
export function decisionRecordOf(record: SessionRecord): DecisionRecord {
  const { instance, revision, listener, protocol, rule, service, proxy } = record;
  const { clientTls, serverTls, user, groups, warnings, verdict, reason, message } = record;
  const { stacked, related, bytes, durationMs } = record;
  return {
    type: 'decision',
    sessionId: sessionIdOf(instance, service, record.instanceId),
    ...{ instance, revision, listener, protocol, rule, service, proxy },
    client: recordedAddress(record.client, record.clientZone),
    clientLocal: recordedAddress(record.clientLocal),
    peer: addressOrNull(record.peer, record.peerZone),
    server: addressOrNull(record.server, record.serverZone),
    serverLocal: addressOrNull(record.serverLocal),
    ...{ clientTls, serverTls, user, groups, warnings, verdict, reason, message },
    connects: record.connects.map(({ host, server, zone, outcome, durationMs: lasted }) => ({
      host,
      server: addressOrNull(server, zone),
      outcome,
      durationMs: lasted,
    })),
    ...{ stacked, related, bytes },
    start: timeWriter()(record.startedAt),
    durationMs,
  };
}

function addressOrNull(
  address: SocketAddress | null,
  zone?: string | null,
): RecordedAddress | null {
  return address === null ? null : recordedAddress(address, zone);
}
