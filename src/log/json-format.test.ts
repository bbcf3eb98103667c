import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ListedLines } from '../../test/support/listed-lines.ts';
import { sampleRecord, sampleSession } from '../../test/support/sample-record.ts';
import { jsonFormat } from './json-format.ts';
import type { LogFormat } from './log-line.ts';

/** A format that writes into a list. */
function open(): { readonly format: LogFormat; readonly written: string[] } {
  const output = new ListedLines();
  const now = (): Date => new Date('2026-01-02T03:04:05.678Z');
  return { format: jsonFormat(output, now), written: output.lines };
}

describe('jsonFormat()', () => {
  it('writes a line as one JSON object with level, time, code, message and fields', () => {
    const { format, written } = open();
    const fields = { peer: '10.0.0.1', count: 2, isFirst: true, nothing: undefined };
    format.line({ level: 'violation', code: 'http.bad', message: 'Bad 100%% "request"', fields });
    assert.deepEqual(written, [
      '{"level":"violation","time":"2026-01-02T03:04:05.678Z","code":"http.bad",' +
        '"message":"Bad 100%% \\"request\\"","fields":{"peer":"10.0.0.1","count":2,"isFirst":true}}\n',
    ]);
  });

  it('writes every level, and no fields where there are none', () => {
    const { format, written } = open();
    for (const level of ['error', 'violation', 'policy', 'accounting', 'info'] as const) {
      format.line({ level, code: 'a', message: 'b', fields: undefined });
      const line = JSON.parse(written.at(-1) ?? '') as object;
      assert.deepEqual(line, { level, time: '2026-01-02T03:04:05.678Z', code: 'a', message: 'b' });
    }
  });

  it('writes one line whatever the texts hold, and the texts can be read back', () => {
    const { format, written } = open();
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (message, peer) => {
        written.length = 0;
        format.line({ level: 'info', code: 'a', message, fields: { peer } });
        const [line = ''] = written;
        assert.equal(written.length, 1);
        assert.equal(line.indexOf('\n'), line.length - 1);
        const read = JSON.parse(line) as { message: string; fields: { peer: string } };
        assert.deepEqual([read.message, read.fields.peer], [message, peer]);
        assert.doesNotMatch(line.slice(0, -1), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
    );
  });

  it('writes the names of fields as safely as their values', () => {
    const { format, written } = open();
    const text = fc.string({ unit: 'binary' });
    const fields = fc.dictionary(text, fc.oneof(text, fc.integer(), fc.boolean()));
    fc.assert(
      fc.property(fields, (given) => {
        written.length = 0;
        format.line({ level: 'info', code: 'a', message: 'b', fields: given });
        const [line = ''] = written;
        assert.doesNotMatch(line.slice(0, -1), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        const read = JSON.parse(line) as { fields: object };
        assert.deepEqual(Object.entries(read.fields), Object.entries(given));
      }),
    );
  });

  it('writes what JSON has no number for as null, and no field that is undefined', () => {
    const { format, written } = open();
    const line = { level: 'info', code: 'a', message: 'b' } as const;
    format.line({ ...line, fields: { ratio: NaN, nothing: undefined } });
    format.line({ ...line, fields: { nothing: undefined } });
    assert.match(written[0] ?? '', /"fields":\{"ratio":null\}/);
    assert.match(written[1] ?? '', /"fields":\{\}/);
  });

  it('writes the time of each line', () => {
    const times = [1_000, 1_000, 1_001, 1_000];
    const output = new ListedLines();
    const now = (): Date => new Date(times.shift() ?? 0);
    const format = jsonFormat(output, now);
    const expected = times.map((time) => new Date(time).toISOString());
    while (times.length > 0)
      format.line({ level: 'info', code: 'a', message: 'b', fields: undefined });
    const read = output.lines.map((line) => JSON.parse(line) as { time: string });
    assert.deepEqual(
      read.map(({ time }) => time),
      expected,
    );
  });

  it('bounds the texts of lines and records', () => {
    const { format, written } = open();
    const long = 'x'.repeat(100_000);
    format.line({ level: 'info', code: 'a', message: long, fields: { long } });
    format.record(sampleSession({ message: long }));
    for (const line of written) assert.ok(line.length < 6000, `${line.length}`);
  });

  it('writes a record as it is', () => {
    const { format, written } = open();
    format.record(sampleSession());
    assert.deepEqual(JSON.parse(written.join('')), sampleRecord());
  });
});
