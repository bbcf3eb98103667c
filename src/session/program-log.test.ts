// Lines of a program: cut, counted, and the same in any chunks.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { MAX_ERROR_LINE_BYTES, MAX_ERROR_LINES_A_SECOND, ProgramLog } from './program-log.ts';

function logOf(): { clock: ManualClock; lines: string[]; log: ProgramLog } {
  const clock = new ManualClock();
  const lines: string[] = [];
  return { clock, lines, log: new ProgramLog(clock, (line) => lines.push(line)) };
}

describe('a program log', () => {
  it('has a line for each that is not empty, the last one without its end too', () => {
    const { lines, log } = logOf();
    for (const byte of Buffer.from('one\n\ntwo\0\nthree')) log.take(Uint8Array.of(byte));
    assert.deepEqual(lines, ['one', 'two\0']);
    log.end();
    assert.deepEqual(lines, ['one', 'two\0', 'three']);
  });

  it('cuts long lines', () => {
    const { lines, log } = logOf();
    log.take(Buffer.from(`${'x'.repeat(9_999)}\nnext\n`));
    assert.deepEqual(lines, [`${'x'.repeat(MAX_ERROR_LINE_BYTES)}...`, 'next']);
  });

  it('shows some lines a second and counts the others', () => {
    const { clock, lines, log } = logOf();
    log.take(Buffer.from('y\n'.repeat(1_000)));
    assert.equal(lines.length, MAX_ERROR_LINES_A_SECOND);
    clock.advance(1_000);
    log.take(Buffer.from('again\n'));
    const more = `(${1_000 - MAX_ERROR_LINES_A_SECOND} more lines)`;
    assert.deepEqual(lines.slice(-2), [more, 'again']);
    log.end();
    assert.equal(lines.at(-1), 'again');
  });
});
