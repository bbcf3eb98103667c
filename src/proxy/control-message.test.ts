// The frames of the control channel: what is written is read back, in any chunks, and garbage is a fault and never a throw.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ControlMessage } from './control-message.ts';
import {
  ControlReader,
  MAX_CONTROL_HEADERS,
  MAX_CONTROL_LINE_BYTES,
  MAX_CONTROL_MESSAGE_BYTES,
  writeControlMessage,
} from './control-message.ts';

const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,20}$/);
const value = fc.string({ unit: 'grapheme', maxLength: 60 });
const message: fc.Arbitrary<ControlMessage> = fc.record(
  {
    sessionId: fc.nat(999_999_999),
    command: fc.stringMatching(/^[A-Z][A-Z0-9_-]{0,20}$/),
    headers: fc.array(fc.record({ name, value }, { noNullPrototype: true }), { maxLength: 6 }),
  },
  { noNullPrototype: true },
);

/** What a reader makes of bytes that come in chunks of this size. */
function readAll(
  bytes: Uint8Array,
  chunkSize = bytes.length,
): { messages: ControlMessage[]; fault: string | undefined } {
  const reader = new ControlReader();
  const messages: ControlMessage[] = [];
  for (let at = 0; at < bytes.length; at += chunkSize) {
    const chunk = bytes.slice(at, at + chunkSize);
    messages.push(...reader.read(chunk));
    chunk.fill(0xee); // borrowed bytes are others now
  }
  return { messages, fault: reader.fault };
}

function read(text: string): { messages: ControlMessage[]; fault: string | undefined } {
  return readAll(Buffer.from(text));
}

describe('a control message', () => {
  it('is written with the length of each value', () => {
    const headers = [
      { name: 'Status', value: 'Failure' },
      { name: 'Fail-Reason', value: 'é' },
      { name: 'Empty', value: '' },
    ];
    const bytes = writeControlMessage({ sessionId: 0, command: 'RESULT', headers });
    assert.equal(
      Buffer.from(bytes).toString(),
      '0 RESULT\n[7]Status\nFailure\n[2]Fail-Reason\né\n[0]Empty\n\n\n',
    );
  });

  it('is read with values of a length and values that are a line', () => {
    const { messages, fault } = read(
      '0 SETVERDICT\n[8]Verdict\nZ_REJECT\n[]Description\nThe word "secret" stands in it\n\n',
    );
    assert.equal(fault, undefined);
    assert.deepEqual(messages, [
      {
        sessionId: 0,
        command: 'SETVERDICT',
        headers: [
          { name: 'Verdict', value: 'Z_REJECT' },
          { name: 'Description', value: 'The word "secret" stands in it' },
        ],
      },
    ]);
  });

  it('may have a line end in a value of a length', () => {
    assert.equal(read('0 A\n[3]B\na\nb\n\n').messages[0]?.headers[0]?.value, 'a\nb');
  });

  it('is read back as it was written, in any chunks', () => {
    const property = fc.property(
      fc.array(message, { maxLength: 4 }),
      fc.integer({ min: 1, max: 50 }),
      (all, size) => {
        const bytes = Buffer.concat(all.map(writeControlMessage));
        assert.deepEqual(readAll(bytes, size), { messages: all, fault: undefined });
      },
    );
    fc.assert(property);
  });
});

describe('garbage on the control channel', () => {
  it('is a fault', () => {
    const garbage: readonly string[] = [
      'SETVERDICT\n',
      '0 setverdict\n',
      '00 SETVERDICT\n',
      '-1 SETVERDICT\n',
      '0  SETVERDICT\n',
      '0 SETVERDICT\r\n',
      '\n',
      '0 SETVERDICT\nVerdict: Z_ACCEPT\n',
      '0 SETVERDICT\n[x]Verdict\n',
      '0 SETVERDICT\n[-1]Verdict\n',
      '0 SETVERDICT\n[01]Verdict\n',
      '0 SETVERDICT\n[8]\n',
      '0 SETVERDICT\n[7]Verdict\nZ_ACCEPT\n',
      '0 SETVERDICT\n[99999]Verdict\n',
      '0 SETVER\0',
      '0 SETVERDICT\n[]Description\na\0',
    ];
    for (const text of garbage) {
      const { messages, fault } = read(text);
      assert.notEqual(fault, undefined, text);
      assert.deepEqual(messages, []);
    }
  });

  it('is final: what was said before it counts, what follows does not', () => {
    const good = '0 SETVERDICT\n\n';
    const { messages, fault } = read(`${good}garbage\n${good}`);
    assert.equal(messages.length, 1);
    assert.match(fault ?? '', /session id/);
  });

  it('is too many headers, and too long lines, values and messages', () => {
    const head = '0 SETVERDICT\n';
    const headers = (count: number): string => '[0]A\n\n'.repeat(count);
    assert.equal(read(`${head}${headers(MAX_CONTROL_HEADERS)}\n`).messages.length, 1);
    assert.match(read(head + headers(MAX_CONTROL_HEADERS + 1)).fault ?? '', /headers/);
    const long = 'x'.repeat(MAX_CONTROL_LINE_BYTES);
    assert.equal(read(`${head}[]A\n${long}\n\n`).messages.length, 1);
    assert.match(read(`${head}[]A\n${long}x`).fault ?? '', /line/);
    assert.equal(read(`${head}[${long.length}]A\n${long}\n\n`).messages.length, 1);
    assert.match(read(`${head}[${long.length + 1}]A\n`).fault ?? '', /value/);
    const whole = `[]A\n${long}\n`.repeat(MAX_CONTROL_MESSAGE_BYTES / long.length);
    assert.match(read(`${head}${whole}`).fault ?? '', /message/);
  });

  it('never throws, and is the same in any chunks', () => {
    const pieces = fc.constantFrom(
      '0',
      ' ',
      'SETVERDICT',
      '\n',
      '[',
      ']',
      '8',
      'Verdict',
      'Z_',
      'é',
      '\0',
    );
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(pieces, { maxLength: 40 }).map((all) => new Uint8Array(Buffer.from(all.join('')))),
    );
    const property = fc.property(bytes, fc.integer({ min: 1, max: 20 }), (given, size) => {
      assert.deepEqual(readAll(given, size), readAll(given));
    });
    fc.assert(property, { numRuns: 500 });
  });
});
