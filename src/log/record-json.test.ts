import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { sampleSession } from '../../test/support/sample-record.ts';
import { IpAddress } from '../address/ip-address.ts';
import { SocketAddress } from '../address/socket-address.ts';
import { VERDICTS } from '../proxy/verdict.ts';
import { MAX_TEXT_LENGTH, toSafeJson } from './escape.ts';
import { LineBytes } from './line-bytes.ts';
import { recordWriter } from './record-json.ts';
import type { SessionRecord } from './session-record.ts';
import { decisionRecordOf } from './session-record.ts';

/** Few values each, so that records in a row have much in common, with those that need escapes or a bound. */
const text = fc.constantFrom('web', '', 'a"b\\c', 'é\u2028\n', '\ud800', 'x'.repeat(3000));
const textOrNull = fc.option(text);
const count = fc.constantFrom(0, -0, 1, 65_535, 1.5, NaN, Infinity);
const port = fc.constantFrom(0, 80, 40_000, 65_535);
const recorded = fc.oneof(
  fc.record({ address: text, port }),
  fc.record({ address: text, port, zone: textOrNull }),
);
const ip = fc.constantFrom(
  ...['192.0.2.1', '198.51.100.255', '2001:db8::1'].map((one) => IpAddress.parse(one)),
  IpAddress.parse('192.0.2.1'),
);
const address = fc.tuple(ip, port).map(([one, at]) => new SocketAddress(one, at));
const addressOrNull = fc.option(address);
const peer = fc.option(
  fc.record({
    subject: text,
    issuer: text,
    names: fc.array(text, { maxLength: 2 }),
    serialNumber: text,
    fingerprint: text,
    validFrom: text,
    validTo: text,
    trusted: fc.boolean(),
    finding: textOrNull,
    ocsp: fc.constantFrom('good', 'revoked', 'invalid', 'missing', null),
  }),
);
const tls = fc.option(
  fc.record({
    version: text,
    cipher: text,
    serverName: textOrNull,
    applicationProtocol: textOrNull,
    resumed: fc.boolean(),
    truncated: fc.boolean(),
    peer,
  }),
);
const connect = fc.record({
  host: textOrNull,
  server: addressOrNull,
  zone: textOrNull,
  outcome: text,
  durationMs: count,
});
const related = fc.record({
  port: text,
  kind: fc.constantFrom('related', 'secondary'),
  peer: recorded,
  local: recorded,
});
const bytes = fc.record({
  fromClient: count,
  toClient: count,
  fromServer: count,
  toServer: count,
});
const record = fc.record({
  instanceId: fc.oneof(fc.nat(1000), fc.maxSafeInteger().map(Math.abs)),
  instance: text,
  revision: text,
  listener: text,
  protocol: fc.constantFrom('tcp', 'udp'),
  rule: fc.option(fc.nat(3)),
  service: textOrNull,
  proxy: textOrNull,
  client: address,
  clientZone: textOrNull,
  clientLocal: address,
  peer: addressOrNull,
  peerZone: textOrNull,
  server: addressOrNull,
  serverZone: textOrNull,
  serverLocal: addressOrNull,
  clientTls: tls,
  serverTls: tls,
  user: textOrNull,
  groups: fc.array(text, { maxLength: 2 }),
  warnings: fc.array(text, { maxLength: 2 }),
  verdict: fc.constantFrom(...VERDICTS),
  reason: text,
  message: text,
  connects: fc.array(connect, { maxLength: 2 }),
  stacked: fc.array(text, { maxLength: 2 }),
  related: fc.array(related, { maxLength: 2 }),
  bytes,
  startedAt: fc.oneof(
    fc.constantFrom(0, 1, 999, 1000, 1_767_323_045_678, 1_767_323_045_009, -1),
    fc.date({ noInvalidDate: true }).map((date) => date.getTime()),
  ),
  durationMs: count,
} as const);

/** A writer whose records are texts. */
function textWriter(): (record: SessionRecord) => string {
  const write = recordWriter();
  return (one) => {
    const line = new LineBytes(1);
    write(one, line);
    return line.copy(line.length).toString();
  };
}

function expected(one: SessionRecord): string {
  return toSafeJson(decisionRecordOf(one));
}

describe('recordWriter()', () => {
  it('writes record after record as JSON.stringify does, safe and bounded', () => {
    const write = textWriter();
    fc.assert(fc.property(record, (one) => assert.equal(write(one), expected(one))));
  });

  it('writes a change of any field anew', () => {
    const write = textWriter();
    const [other] = fc.sample(record, { numRuns: 1, seed: 1 });
    for (const [name, value] of Object.entries(other ?? {})) {
      const changed = { ...sampleSession(), [name]: value };
      for (const one of [sampleSession(), changed, sampleSession()])
        assert.equal(write(one), expected(one), name);
    }
  });

  it('bounds every text', () => {
    const long = 'x'.repeat(MAX_TEXT_LENGTH + 1);
    const line = textWriter()(sampleSession({ message: long, groups: [long] }));
    assert.equal(line.match(/\[1 more\]/g)?.length, 2);
  });
});
