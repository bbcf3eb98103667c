import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { sampleRecord } from '../../test/support/sample-record.ts';
import { VERDICTS } from '../proxy/verdict.ts';
import { MAX_TEXT_LENGTH, toSafeJson } from './escape.ts';
import type { DecisionRecord } from './decision-record.ts';
import { LineBytes } from './line-bytes.ts';
import { recordWriter } from './record-json.ts';

/** Few values each, so that records in a row have much in common, with those that need escapes or a bound. */
const text = fc.constantFrom('web', '', 'a"b\\c', 'é\u2028\n', '\ud800', 'x'.repeat(3000));
const textOrNull = fc.option(text);
const count = fc.constantFrom(0, -0, 1, 65_535, 1.5, NaN, Infinity);
const address = fc.oneof(
  fc.record({ address: text, port: count }),
  fc.record({ address: text, port: count, zone: textOrNull }),
);
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
  outcome: text,
  durationMs: count,
});
const related = fc.record({
  port: text,
  kind: fc.constantFrom('related', 'secondary'),
  peer: address,
  local: address,
});
const bytes = fc.record({
  fromClient: count,
  toClient: count,
  fromServer: count,
  toServer: count,
});
const record = fc.record({
  type: fc.constant('decision'),
  sessionId: text,
  instance: text,
  revision: text,
  listener: text,
  protocol: fc.constantFrom('tcp', 'udp'),
  rule: fc.option(fc.nat(3)),
  service: textOrNull,
  proxy: textOrNull,
  client: address,
  clientLocal: address,
  peer: addressOrNull,
  server: addressOrNull,
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
  start: text,
  durationMs: count,
} as const);

/** A writer whose records are texts. */
function textWriter(): (record: DecisionRecord) => string {
  const write = recordWriter();
  return (one) => {
    const line = new LineBytes(1);
    write(one, line);
    return line.copy(line.length).toString();
  };
}

describe('recordWriter()', () => {
  it('writes record after record as JSON.stringify does, safe and bounded', () => {
    const write = textWriter();
    fc.assert(fc.property(record, (one) => assert.equal(write(one), toSafeJson(one))));
  });

  it('writes a change of any field anew', () => {
    const write = textWriter();
    const [other] = fc.sample(record, { numRuns: 1, seed: 1 });
    for (const [name, value] of Object.entries(other ?? {})) {
      const changed = { ...sampleRecord(), [name]: value };
      for (const one of [sampleRecord(), changed, sampleRecord()])
        assert.equal(write(one), toSafeJson(one), name);
    }
  });

  it('bounds every text', () => {
    const long = 'x'.repeat(MAX_TEXT_LENGTH + 1);
    const line = textWriter()(sampleRecord({ message: long, groups: [long] }));
    assert.equal(line.match(/\[1 more\]/g)?.length, 2);
  });
});
