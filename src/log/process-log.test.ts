import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { sampleRecord } from '../../test/support/sample-record.ts';
import { openProcessLog } from './process-log.ts';

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'zorp-log-'));
});
after(() => rmSync(folder, { recursive: true }));

describe('openProcessLog()', () => {
  it('writes records to one output and lines to the other', async () => {
    const recordsTo = join(folder, 'records');
    const linesTo = join(folder, 'lines');
    const log = openProcessLog({ recordsTo, linesTo, now: () => new Date(0) });
    log.line('info', 'a.b', 'Hello', { count: 1 });
    log.record(sampleRecord());
    assert.equal(await log.flush(10_000), true);
    assert.deepEqual(JSON.parse(readFileSync(recordsTo, 'utf8')), sampleRecord());
    assert.deepEqual(JSON.parse(readFileSync(linesTo, 'utf8')), {
      level: 'info',
      time: '1970-01-01T00:00:00.000Z',
      code: 'a.b',
      message: 'Hello',
      fields: { count: 1 },
    });
    assert.equal(log.dropped, 0);
  });

  it('says when records cannot be written', async () => {
    const linesTo = join(folder, 'complaints');
    const log = openProcessLog({ recordsTo: '/dev/full', linesTo, maxWaitingBytes: 2000 });
    for (let count = 0; count < 10; count += 1) log.record(sampleRecord());
    assert.ok(log.dropped > 0);
    assert.equal(await log.flush(100), false);
    const line = JSON.parse(readFileSync(linesTo, 'utf8')) as { code: string };
    assert.equal(line.code, 'log.failing');
  });
});
