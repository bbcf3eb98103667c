// The decision record as a schema, for those who read logs: docs/decision-record.schema.json is made from it.

import { z } from 'zod';
import { VERDICTS } from '../proxy/verdict.ts';
import type { DecisionRecord } from './decision-record.ts';

const count = z.int().min(0);
const milliseconds = z.number().min(0);

const address = z
  .strictObject({
    address: z.string().meta({ description: 'IPv4 or IPv6 address, without a port' }),
    port: z.int().min(0).max(65_535),
    zone: z.exactOptional(z.string().nullable()).meta({
      description:
        'Zone of the address; null where no zone has it, absent where zones do not count',
    }),
  })
  .meta({ id: 'address' });

const connect = z.strictObject({
  host: z.string().nullable().meta({
    description: 'Name or address that the protocol asked for; null if the router chose',
  }),
  server: address.nullable(),
  outcome: z.string().meta({ description: '"connected", or the reason code of the failure' }),
  durationMs: milliseconds,
});

const related = z.strictObject({
  port: z.string().meta({ description: 'Port of the proxy that it became, such as "client#1"' }),
  kind: z.enum(['related', 'secondary']).meta({
    description: '"related": the proxy expected it; "secondary": a further one of the client',
  }),
  peer: address,
  local: address,
});

const tls = z
  .strictObject({
    version: z.string().meta({ description: '"TLSv1.3" and so on' }),
    cipher: z.string(),
    serverName: z.string().nullable().meta({ description: 'The server that was asked for (SNI)' }),
    applicationProtocol: z.string().nullable().meta({ description: 'What ALPN came to' }),
    resumed: z.boolean(),
    truncated: z
      .boolean()
      .meta({ description: 'Whether the peer ended without the closing alert' }),
    peer: z
      .strictObject({
        subject: z.string(),
        issuer: z.string(),
        names: z.array(z.string()).meta({ description: 'The first 16 hosts that it is for' }),
        serialNumber: z.string(),
        fingerprint: z.string().meta({ description: 'SHA-256 of the certificate' }),
        validFrom: z.string().meta({ description: 'RFC 3339, UTC' }),
        validTo: z.string().meta({ description: 'RFC 3339, UTC' }),
        trusted: z.boolean().meta({ description: 'Whether the policy trusts who vouches for it' }),
        finding: z.string().nullable().meta({ description: 'What is wrong with it and permitted' }),
        ocsp: z
          .enum(['good', 'revoked', 'invalid', 'missing'])
          .nullable()
          .meta({ description: 'What came of stapled OCSP; null where the peer was not asked' }),
      })
      .nullable()
      .meta({ description: 'The certificate that the peer showed; null if none was' }),
  })
  .meta({ id: 'tls' });

/** The schema of a decision record; the compiler refuses it when it lacks something that the type has. */
export const decisionRecordSchema: z.ZodType<DecisionRecord> = z
  .strictObject({
    type: z.literal('decision'),
    sessionId: z.string(),
    instance: z.string(),
    revision: z.string().meta({ description: 'Hash of the policy that decided' }),
    listener: z.string(),
    protocol: z.enum(['tcp', 'udp']).meta({ description: 'What carried the session' }),
    rule: z.int().nullable().meta({
      description: 'Id of the rule that named the service; null where none did',
    }),
    service: z.string().nullable().meta({ description: 'Null if no service was found' }),
    proxy: z.string().nullable().meta({ description: 'Protocol of the proxy, such as "http"' }),
    client: address,
    clientLocal: address.meta({ description: 'Where the client connected to' }),
    peer: address.nullable().meta({
      description:
        'The load balancer that is connected, where its PROXY header named the client; null where the client itself is',
    }),
    server: address.nullable().meta({ description: 'The last server that was decided on' }),
    serverLocal: address.nullable(),
    clientTls: tls
      .nullable()
      .meta({ description: 'TLS with the client; null where there was none' }),
    serverTls: tls
      .nullable()
      .meta({ description: 'TLS with the last server; null where there was none' }),
    user: z.string().nullable().meta({
      description: 'Who proved to be the client; of several the last; null if nobody did',
    }),
    groups: z.array(z.string()).meta({ description: 'The groups of this user' }),
    warnings: z
      .array(z.string())
      .meta({ description: 'Reason codes of what was noticed and let pass' }),
    verdict: z.enum(VERDICTS).meta({ description: 'How the connection ended' }),
    reason: z.string().meta({ description: 'Reason code; it is stable' }),
    message: z.string().meta({ description: 'The reason in one sentence, for people' }),
    connects: z.array(connect).max(16).meta({ description: 'Last attempts to reach a server' }),
    stacked: z.array(z.string()).meta({ description: 'Services stacked in this session' }),
    related: z.array(related).max(16).meta({
      description: 'Last connections that came to this session while it ran',
    }),
    bytes: z.strictObject({
      fromClient: count,
      toClient: count,
      fromServer: count,
      toServer: count,
    }),
    start: z.iso.datetime().meta({ description: 'Begin, RFC 3339 in UTC' }),
    durationMs: milliseconds,
  })
  .meta({ title: 'Decision record of Zorp', description: 'One JSON object for each connection' });

/** The JSON Schema of a decision record. */
export function recordJsonSchema(): object {
  return z.toJSONSchema(decisionRecordSchema);
}
