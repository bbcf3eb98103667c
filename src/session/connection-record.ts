// The decision record of a session that has ended.

import type { RecordedTls } from '../log/decision-record.ts';
import type { SessionRecord } from '../log/session-record.ts';
import type { Connection } from './connection.ts';
import type { ByteCounts } from './pump-host.ts';
import { NO_BYTES } from './pump-ports.ts';
import type { Runtime } from './runtime.ts';
import { NONE } from './short-list.ts';
import type { MasterSession } from './session.ts';
import type { PeerCertificate, TlsFacts } from './tls-layer.ts';

// The certificate of a large site has some hundred.
const MAX_RECORDED_NAMES = 16;

/** Writes the one record of a connection; `bytes` is undefined if no proxy ran. Floods of datagrams are only counted. */
export function writeRecord(
  runtime: Runtime,
  master: MasterSession,
  bytes: ByteCounts | undefined,
): void {
  if (mayBeForged(master, bytes) && !runtime.unanswered.takes()) return;
  runtime.log.record(recordOf(runtime, master, bytes));
}

function recordOf(
  { outside }: Runtime,
  master: MasterSession,
  bytes: ByteCounts | undefined,
): SessionRecord {
  const { connection, serverAddress, serverLocal } = master;
  const { facts } = connection;
  const { service, peer } = facts;
  return {
    instanceId: facts.instanceId,
    instance: facts.instance,
    revision: facts.loaded.revision,
    listener: facts.listener.name,
    protocol: facts.protocol,
    rule: orNull(facts.rule?.id),
    service: nameOf(service),
    proxy: service?.kind === 'service' ? service.proxy.name : null,
    client: facts.clientAddress,
    clientZone: nameOf(facts.clientZone),
    clientLocal: facts.clientLocal,
    peer: orNull(peer),
    peerZone: peer === undefined ? null : nameOf(master.zoneOf(peer.address)),
    server: orNull(serverAddress),
    serverZone: nameOf(master.serverZone),
    serverLocal: orNull(serverLocal),
    clientTls: tlsOf(connection.tls?.client),
    serverTls: tlsOf(connection.tls?.server),
    user: userOf(connection),
    groups: groupsOf(connection),
    warnings: connection.warnings,
    verdict: connection.verdict,
    reason: connection.reason,
    message: connection.message,
    connects: connection.connects,
    stacked: connection.stackedServices,
    related: connection.related,
    bytes: bytes ?? NO_BYTES,
    startedAt: facts.startedAt,
    durationMs: Math.round(outside.clock.monotonic() - facts.startedMonotonic),
  };
}

function nameOf(named: { readonly name: string } | undefined): string | null {
  return named === undefined ? null : named.name;
}

function orNull<Value>(value: Value | undefined): Value | null {
  return value === undefined ? null : value;
}

function userOf({ identity }: Connection): string | null {
  return identity?.user ?? null;
}

function groupsOf({ identity }: Connection): readonly string[] {
  return identity?.groups ?? NONE;
}

function tlsOf(facts: TlsFacts | undefined): RecordedTls | null {
  if (facts === undefined) return null;
  const { version, cipher, serverName, applicationProtocol, isResumed, isTruncated, peer } = facts;
  return {
    version,
    cipher,
    serverName: serverName ?? null,
    applicationProtocol: applicationProtocol ?? null,
    resumed: isResumed,
    truncated: isTruncated,
    peer: peer === undefined ? null : peerRecord(peer),
  };
}

function peerRecord(peer: PeerCertificate): RecordedTls['peer'] {
  const { subject, issuer, serialNumber, fingerprint, isTrusted, finding, ocsp } = peer;
  return {
    subject,
    issuer,
    names: peer.names.slice(0, MAX_RECORDED_NAMES),
    serialNumber,
    fingerprint,
    validFrom: new Date(peer.validFrom).toISOString(),
    validTo: new Date(peer.validTo).toISOString(),
    trusted: isTrusted,
    finding: finding ?? null,
    ocsp: ocsp ?? null,
  };
}

/** Nothing has shown that the client is where its datagrams say that it is. */
function mayBeForged({ connection }: MasterSession, bytes: ByteCounts | undefined): boolean {
  return connection.facts.protocol === 'udp' && (bytes?.toClient ?? 0) === 0;
}
