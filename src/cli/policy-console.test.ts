import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemoryLog } from '../../test/support/memory-log.ts';
import { policyConsole } from './policy-console.ts';

function untold(text: string): void {
  assert.fail(`standard error was told ${text}`);
}

describe('policyConsole()', () => {
  it('writes lines of the log, whichever way it is asked', () => {
    const log = new MemoryLog();
    const console = policyConsole({ log: () => log, err: untold });
    console.log('the answer is %d', 42, { a: [1, 2] });
    console.error('no\nanswer');
    console.table([{ a: 1 }]);
    assert.deepEqual(
      log.lines.slice(0, 2).map(({ level, code, message }) => [level, code, message]),
      [
        ['info', 'policy.console', 'the answer is 42 { a: [ 1, 2 ] }'],
        ['error', 'policy.console', 'no\nanswer'],
      ],
    );
    assert.match(log.lines[2]?.message ?? '', /│ 0 +│ 1 │/);
  });

  it('writes to standard error as long as there is no log, and nothing that commands a terminal', () => {
    let told = '';
    const console = policyConsole({ log: () => undefined, err: (text) => void (told += text) });
    console.log('\u001b[2J one\ntwo');
    assert.equal(told, '\\u001b[2J one\ntwo\n');
  });

  it('shortens what is long', () => {
    const log = new MemoryLog();
    policyConsole({ log: () => log, err: untold }).log('x'.repeat(5_000));
    assert.match(log.lines[0]?.message ?? '', /^x{4096}\.\.\. and 904 characters more$/);
  });
});
