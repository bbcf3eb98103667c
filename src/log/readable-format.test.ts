import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { sampleRecord, sampleSession } from '../../test/support/sample-record.ts';
import { paintFor, plainPaint } from './paint.ts';
import {
  readableFormat,
  readableLine,
  readableRecord,
  showBytes,
  showDuration,
} from './readable-format.ts';

describe('readableFormat()', () => {
  it('writes one line each, with the time of day', () => {
    const written: string[] = [];
    const now = (): Date => new Date(2026, 0, 2, 3, 4, 5, 67);
    const format = readableFormat({ write: (line) => written.push(line) }, now, plainPaint);
    format.line({ level: 'info', code: 'a', message: 'Begin', fields: undefined });
    format.record(sampleSession());
    assert.equal(written[0], '03:04:05.067 info       Begin [a]\n');
    assert.match(written[1] ?? '', /^03:04:05\.067 accepted {2}10\.1\.2\.3.*\n$/);
  });
});

describe('readableLine()', () => {
  it('shows level, message, code and fields', () => {
    const fields = { header: 'X: "1"', count: 3, nothing: undefined };
    const line = { level: 'violation', code: 'http.bad', message: 'Bad header', fields } as const;
    assert.equal(
      readableLine(line, plainPaint),
      'violation  Bad header [http.bad] header="X: \\"1\\"" count=3',
    );
  });

  it('lets nothing through that ends a line or steers a terminal', () => {
    const hostile = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(hostile, hostile, hostile, (message, name, value) => {
        const fields = { [name]: value };
        const line = readableLine({ level: 'info', code: 'a', message, fields }, plainPaint);
        assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
    );
  });

  it('paints the level', () => {
    const line = { level: 'error', code: 'a', message: 'b', fields: undefined } as const;
    assert.match(readableLine(line, paintFor(true, {})), /^\u001b\[31merror {5}\u001b\[0m b/);
  });
});

describe('readableRecord()', () => {
  it('says who went where by which service, and how it ended', () => {
    assert.equal(
      readableRecord(sampleRecord(), plainPaint),
      'accepted  10.1.2.3:40000 (intranet) -> 192.0.2.1:80 (internet)  web  ' +
        'The client closed the connection  [http.end]  120 B up, 3.4 kB down, 250 ms',
    );
  });

  it('says through which load balancer the client came', () => {
    const peer = { address: '10.9.9.9', port: 50_001, zone: 'balancers' };
    const text = readableRecord(sampleRecord({ peer }), plainPaint);
    assert.match(
      text,
      /10\.1\.2\.3:40000 \(intranet\) through 10\.9\.9\.9:50001 \(balancers\) -> 192/,
    );
  });

  it('says so where it was UDP', () => {
    const text = readableRecord(sampleRecord({ protocol: 'udp' }), plainPaint);
    assert.match(text, / -> 192\.0\.2\.1:80 \(internet\) by UDP {2}web {2}/);
  });

  it('says what is not known', () => {
    const record = sampleRecord({
      verdict: 'denied-by-policy',
      service: null,
      server: null,
      client: { address: '2001:db8::1', port: 1, zone: null },
    });
    assert.match(
      readableRecord(record, plainPaint),
      /^denied-by-policy {2}\[2001:db8::1\]:1 \(no zone\) -> no server {2}no service {2}/,
    );
  });

  it('lets nothing through that ends a line or steers a terminal', () => {
    const hostile = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(hostile, hostile, hostile, (message, reason, zone) => {
        const client = { address: '10.0.0.1', port: 1, zone };
        const text = readableRecord(sampleRecord({ message, reason, client }), plainPaint);
        assert.doesNotMatch(text, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});

describe('showBytes()', () => {
  it('takes the greatest unit in which the number is at least 1', () => {
    const shown = [0, 999, 1000, 9949, 9950, 999_499, 999_500, 1.5e9, 2e15].map(showBytes);
    assert.deepEqual(shown, [
      ...['0 B', '999 B', '1.0 kB', '9.9 kB', '10 kB'],
      ...['999 kB', '1.0 MB', '1.5 GB', '2000 TB'],
    ]);
  });
});

describe('showDuration()', () => {
  it('speaks of milliseconds, seconds and minutes', () => {
    const shown = [0, 12.4, 999.4, 999.6, 59_900, 59_960, 3_725_000].map(showDuration);
    assert.deepEqual(shown, [
      '0 ms',
      '12 ms',
      '999 ms',
      '1.0 s',
      '59.9 s',
      '1 min 0 s',
      '62 min 5 s',
    ]);
  });
});
