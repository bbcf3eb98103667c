// A reporter for node:test that lists at the end what was skipped and why, and fails the run over it when
// ZORP_TEST_NO_SKIP=1: there a skipped test is a test that nobody runs.
import { relative } from 'node:path';
import type { TestEvent } from 'node:test/reporters';

export default async function* skipReporter(
  events: AsyncIterable<TestEvent>,
): AsyncGenerator<string> {
  const skipped: string[] = [];
  for await (const event of events) {
    if (event.type !== 'test:pass' || event.data.skip === undefined) continue;
    const { name, skip, file = '' } = event.data;
    const reason = typeof skip === 'string' ? skip : 'no reason given';
    skipped.push(`  ${name} (${relative('.', file)}): ${reason}\n`);
  }
  if (skipped.length === 0) return;
  yield `\nSkipped ${skipped.length}:\n${skipped.join('')}`;
  if (process.env['ZORP_TEST_NO_SKIP'] !== '1') return;
  yield 'ZORP_TEST_NO_SKIP=1 permits no skipped test.\n';
  process.exitCode = 1;
}
