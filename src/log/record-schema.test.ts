import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { format } from 'prettier';
import { sampleRecord } from '../../test/support/sample-record.ts';
import { VERDICTS } from '../proxy/verdict.ts';
import { decisionRecordSchema, recordJsonSchema } from './record-schema.ts';

const FILE = `${import.meta.dirname}/../../docs/decision-record.schema.json`;
const RENEW = 'ZORP_RENEW=1 node_modules/.bin/node --test src/log/record-schema.test.ts';

describe('decisionRecordSchema', () => {
  it('takes records, with and without what may be missing', () => {
    const client = { address: '::1', port: 0, zone: null };
    const records = [
      sampleRecord(),
      sampleRecord({ service: null, proxy: null, server: null, serverLocal: null, client }),
      sampleRecord({ connects: [{ host: null, server: null, outcome: 'a', durationMs: 0 }] }),
      ...VERDICTS.map((verdict) => sampleRecord({ verdict })),
    ];
    for (const record of records) assert.deepEqual(decisionRecordSchema.parse(record), record);
  });

  it('refuses what is no record', () => {
    const wrong = [
      { ...sampleRecord(), type: undefined },
      { ...sampleRecord(), more: 1 },
      { ...sampleRecord(), verdict: 'perhaps' },
      { ...sampleRecord(), start: 'yesterday' },
      { ...sampleRecord(), connects: Array(17).fill(sampleRecord().connects[0]) },
    ];
    for (const record of wrong) assert.equal(decisionRecordSchema.safeParse(record).success, false);
  });
});

describe('docs/decision-record.schema.json', () => {
  it('is made from the schema', async () => {
    const text = await format(JSON.stringify(recordJsonSchema()), {
      parser: 'json',
      printWidth: 100,
    });
    if (process.env['ZORP_RENEW'] === '1') writeFileSync(FILE, text);
    const current = existsSync(FILE) ? readFileSync(FILE, 'utf8') : '';
    assert.ok(current === text, `The file is not up to date. Renew it:\n  ${RENEW}`);
  });
});
