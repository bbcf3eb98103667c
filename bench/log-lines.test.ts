import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryFolder } from '../test/support/temporary-folder.ts';
import { withLines } from './log-lines.ts';

const SHORT_MS = 30;

function logWith(t: TestContext, text: string): string {
  const log = join(temporaryFolder(t, 'log-lines'), 'a.log');
  writeFileSync(log, text);
  return log;
}

describe('lines in a log', () => {
  it('are waited for', async (t) => {
    const log = logWith(t, 'ready\n');
    let later: Promise<void> = Promise.resolve();
    await withLines(log, 2, async () => {
      later = sleep(50).then(() => {
        appendFileSync(log, 'two\n');
      });
      appendFileSync(log, 'one\n');
      await sleep(0);
    });
    await later;
  });

  it('are missed, and those from before do not count', async (t) => {
    const log = logWith(t, 'ready\none\ntwo\n');
    const work = (): Promise<void> => {
      appendFileSync(log, 'three\nhalf a line');
      return Promise.resolve();
    };
    await assert.rejects(
      withLines(log, 2, work, SHORT_MS),
      /^Error: 1 lines in the log for 2 connections$/,
    );
  });

  it('do not hide that the work failed', async (t) => {
    const log = logWith(t, '');
    const work = (): Promise<void> => Promise.reject(new Error('Wrong status'));
    await assert.rejects(withLines(log, 1, work), /^Error: Wrong status$/);
  });
});
