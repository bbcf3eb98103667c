// Our HTTP/1 parser against llhttp, Node's own parser, over generated and mutated streams: whatever we accept llhttp's
// strict mode accepts, too, and reads the same method, target, fields and body in it. What llhttp refuses and we do not is
// listed here. `FUZZ_MESSAGES=10000000` says over how many streams, `FUZZ_SEED` which.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Messages } from '../support/http-messages.ts';
import { readRequests, readResponses } from '../support/http-messages.ts';
import { HttpMutants } from '../support/http-mutants.ts';
import { quote, toBytes } from '../support/latin1.ts';
import type { LlhttpReading, ReadMessage } from '../support/llhttp.ts';
import { Llhttp, LLHTTP_METHODS } from '../support/llhttp.ts';

const STREAMS = Number(process.env['FUZZ_MESSAGES'] ?? '100000');
const IS_FUZZING = process.env['FUZZ_MESSAGES'] !== undefined;
/** The same streams in each test run, others each time that somebody looks for something new. */
const SEED = Number(process.env['FUZZ_SEED'] ?? (IS_FUZZING ? Date.now() % 0xffff_ffff : 1));
/** A fifth of all messages are accepted by both; if it were a few only, the test would say little. */
const SHARE_OF_BOTH = 0.2;

interface Side {
  readonly what: 'requests' | 'responses';
  readonly read: (bytes: Uint8Array) => Messages;
}

const SIDES: readonly Side[] = [
  { what: 'requests', read: readRequests },
  { what: 'responses', read: readResponses },
];

/** Methods are the policy's affair: llhttp refuses those that its authors do not know. */
function isUnknownMethod({ line }: ReadMessage, { error }: LlhttpReading): boolean {
  return error === 'HPE_INVALID_METHOD' && !LLHTTP_METHODS.has(line.split(' ')[0] ?? '');
}

function isSame(one: ReadMessage, other: ReadMessage | undefined): boolean {
  return (
    one.line === other?.line &&
    one.body === other.body &&
    one.fields.length === other.fields.length &&
    one.fields.every((field, index) => field === other.fields[index])
  );
}

/** The first message that we accept and llhttp does not, or reads otherwise. */
function laxIn(ours: Messages, theirs: LlhttpReading): string | undefined {
  for (const [index, message] of ours.messages.entries()) {
    const other = theirs.messages[index];
    if (isSame(message, other)) continue;
    if (other === undefined && isUnknownMethod(message, theirs)) return undefined;
    return `we read ${quote(JSON.stringify(message))}, llhttp ${JSON.stringify(other ?? theirs.error)}`;
  }
  return undefined;
}

for (const { what, read } of SIDES)
  describe(`${STREAMS / 2} streams of ${what}, seed ${SEED}`, () => {
    it('hold nothing that we accept and llhttp refuses or reads otherwise', (t) => {
      const mutants = new HttpMutants(SEED);
      const llhttp = new Llhttp(what);
      let both = 0;
      const begun = performance.now();
      for (let index = 0; index < STREAMS / 2; index++) {
        const text = mutants[what]();
        const bytes = toBytes(text);
        const ours = read(bytes);
        const lax = laxIn(ours, llhttp.read(bytes));
        if (lax !== undefined) assert.fail(`${quote(text)} (seed ${SEED}, ${index}): ${lax}`);
        both += ours.messages.length;
      }
      assert.ok(both > (STREAMS / 2) * SHARE_OF_BOTH, `only ${both} messages were accepted`);
      const each = ((performance.now() - begun) * 1000) / (STREAMS / 2);
      t.diagnostic(`${both} messages accepted by both, ${each.toFixed(1)} us a stream`);
    });
  });
