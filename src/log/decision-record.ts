// The decision record: one JSON line per connection. Explain, replay and the dashboard read it.

import type { Transport } from '../address/transport.ts';
import type { Verdict } from '../proxy/verdict.ts';

/** An address of a record; `zone` is null where no zone has it, absent where zones do not count. */
export interface RecordedAddress {
  readonly address: string;
  readonly port: number;
  readonly zone?: string | null;
}

/** One attempt to reach a server. */
export interface RecordedConnect {
  /** The name or address that the protocol asked for; null if the router chose. */
  readonly host: string | null;
  readonly server: RecordedAddress | null;
  /** `connected`; `reused` for a connection that another session gave back; or the reason code of the failure. */
  readonly outcome: string;
  readonly durationMs: number;
}

/** A connection that came to a session that was there: one that its proxy expected or claimed. */
export interface RecordedRelated {
  /** The port of the proxy that it became, such as `client#1`. */
  readonly port: string;
  /** `related`: the proxy expected it; `secondary`: it claimed further connections of its client. */
  readonly kind: 'related' | 'secondary';
  readonly peer: RecordedAddress;
  readonly local: RecordedAddress;
}

/** What TLS came to on one side. */
export interface RecordedTls {
  /** `TLSv1.3` and so on. */
  readonly version: string;
  readonly cipher: string;
  /** The server that was asked for (SNI); null if none was. */
  readonly serverName: string | null;
  /** What ALPN came to; null if nothing. */
  readonly applicationProtocol: string | null;
  readonly resumed: boolean;
  /** Whether the peer ended without the closing alert of TLS: what it sent last may be missing. */
  readonly truncated: boolean;
  /** The certificate that the peer showed; null if none was asked for or shown. */
  readonly peer: {
    readonly subject: string;
    readonly issuer: string;
    /** The first names and addresses that it is for, at most 16. */
    readonly names: readonly string[];
    readonly serialNumber: string;
    /** SHA-256 of the certificate. */
    readonly fingerprint: string;
    readonly validFrom: string;
    readonly validTo: string;
    readonly trusted: boolean;
    /** What was found wrong with it and permitted. */
    readonly finding: string | null;
    /** What came of stapled OCSP; null where the peer was not asked. */
    readonly ocsp: 'good' | 'revoked' | 'invalid' | 'missing' | null;
  } | null;
}

/** What is recorded of a connection. */
export interface DecisionRecord {
  readonly type: 'decision';
  readonly sessionId: string;
  readonly instance: string;
  /** Hash of the policy that decided. */
  readonly revision: string;
  readonly listener: string;
  readonly protocol: Transport;
  /** The id of the rule that named the service; null where none did. */
  readonly rule: number | null;
  /** Null if no service was found. */
  readonly service: string | null;
  readonly proxy: string | null;
  readonly client: RecordedAddress;
  readonly clientLocal: RecordedAddress;
  /** The load balancer that is connected, where its PROXY header named the client; null where the client itself is. */
  readonly peer: RecordedAddress | null;
  /** The last server that was decided on. */
  readonly server: RecordedAddress | null;
  readonly serverLocal: RecordedAddress | null;
  /** TLS with the client; null where there was none. */
  readonly clientTls: RecordedTls | null;
  /** TLS with the last server; null where there was none. */
  readonly serverTls: RecordedTls | null;
  /** Who proved to be the client; of several the last. Null if nobody did. */
  readonly user: string | null;
  /** The groups of this user. */
  readonly groups: readonly string[];
  /** Reason codes of what was noticed and let pass, at most 16. */
  readonly warnings: readonly string[];
  readonly verdict: Verdict;
  readonly reason: string;
  /** One sentence for people. */
  readonly message: string;
  /** The last attempts to reach a server, at most 16. */
  readonly connects: readonly RecordedConnect[];
  /** Services and programs that were stacked in this session. */
  readonly stacked: readonly string[];
  /** The last connections that came to this session, at most 16. */
  readonly related: readonly RecordedRelated[];
  readonly bytes: {
    readonly fromClient: number;
    readonly toClient: number;
    readonly fromServer: number;
    readonly toServer: number;
  };
  /** Begin, RFC 3339 in UTC. */
  readonly start: string;
  readonly durationMs: number;
}
