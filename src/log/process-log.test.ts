import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { sampleRecord, sampleSession } from '../../test/support/sample-record.ts';
import { suiteOwner } from '../../test/support/system-process.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { openProcessLog } from './process-log.ts';

const folder = temporaryFolder(suiteOwner(), 'log');

describe('openProcessLog()', () => {
  it('writes records to one output and lines to the other', async () => {
    const recordsTo = join(folder, 'records');
    const linesTo = join(folder, 'lines');
    const log = openProcessLog({ recordsTo, linesTo, now: () => new Date(0) });
    log.line('info', 'a.b', 'Hello', { count: 1 });
    log.record(sampleSession());
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
    const log = openProcessLog({
      recordsTo: '/dev/full',
      linesTo,
      maxWaitingBytes: 2000,
      gatherMs: 0,
    });
    for (let count = 0; count < 10; count += 1) log.record(sampleSession());
    assert.ok(log.dropped > 0);
    assert.equal(await log.flush(100), false);
    const line = JSON.parse(readFileSync(linesTo, 'utf8')) as { code: string };
    assert.equal(line.code, 'log.failing');
  });

  it('says how many records were dropped when there is room again', async () => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    const descriptor = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    const linesTo = join(folder, 'flowing');
    const log = openProcessLog({
      recordsTo: descriptor,
      linesTo,
      maxWaitingBytes: 1200,
      gatherMs: 0,
    });
    writeSync(descriptor, Buffer.alloc(65_536)); // the room of a pipe
    for (let count = 0; count < 3; count += 1) log.record(sampleSession());
    assert.equal(log.dropped, 2);
    readSync(descriptor, Buffer.alloc(65_536));
    assert.equal(await log.flush(10_000), true);
    assert.equal(await log.flush(10_000), true, 'the line about it too');
    assert.equal(log.isBlocked, false);
    const text = readFileSync(linesTo, 'utf8').trimEnd().split('\n');
    const [, line] = text.map((one) => JSON.parse(one) as { code: string; fields: object });
    assert.deepEqual([line?.code, line?.fields], ['log.flowing', { dropped: 2 }]);
    closeSync(descriptor);
  });

  it('says of its lines too how many were dropped', async () => {
    const path = join(folder, 'pipe-of-lines');
    execFileSync('mkfifo', [path]);
    const descriptor = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    const recordsTo = join(folder, 'no-records');
    const log = openProcessLog({
      recordsTo,
      linesTo: descriptor,
      maxWaitingBytes: 1000,
      gatherMs: 0,
    });
    writeSync(descriptor, Buffer.alloc(65_536));
    for (let count = 0; count < 3; count += 1) log.line('info', 'a', 'x'.repeat(500));
    readSync(descriptor, Buffer.alloc(65_536));
    assert.equal(await log.flush(10_000), true);
    assert.equal(await log.flush(10_000), true, 'the line about it too');
    const buffer = Buffer.alloc(65_536);
    const text = buffer.toString('utf8', 0, readSync(descriptor, buffer));
    assert.match(text, /"code":"log\.flowing","message":"Log lines[^"]*","fields":\{"dropped":2\}/);
    closeSync(descriptor);
  });

  it('writes readable lines on a terminal, unless JSON is wanted', async () => {
    const linesTo = openSync(join(folder, 'terminal'), 'w+');
    const readBack = async (json: boolean): Promise<string> => {
      const isTerminal = (): boolean => true;
      const recordsTo = join(folder, 'none');
      const log = openProcessLog({ recordsTo, linesTo, isTerminal, json, environment: {} });
      log.line('error', 'a.b', 'Hello');
      await log.flush(10_000);
      return readFileSync(join(folder, 'terminal'), 'utf8');
    };
    assert.match(await readBack(false), /\u001b\[31merror {5}\u001b\[0m Hello/);
    assert.match(await readBack(true), /\n\{"level":"error"/);
    closeSync(linesTo);
  });
});
