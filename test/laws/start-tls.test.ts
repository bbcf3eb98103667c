// TLS in the middle of a conversation, for a script that keeps to the rules: however the bytes are cut, nothing that was said in
// plain text behind the word that begins TLS is heard, sent on or answered.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { accept } from '../../src/proxy/policy-action.ts';
import type { PeerSide } from '../../src/proxy/engine.ts';
import type { Script } from '../../src/protocols/custom/index.ts';
import { customProxy } from '../../src/protocols/custom/index.ts';
import { anyByte } from '../support/arbitraries.ts';
import { client, server } from '../support/dialogue.ts';
import { runDialogue } from '../support/model-pump.ts';
import { testContext } from '../support/test-session.ts';
import { tryAll } from './run-law.ts';

/** Whoever says STARTTLS gets it, client and server alike; lines go on to the other side. */
const script: Script = function* ({ connect, nextLine }) {
  yield* connect();
  for (;;) {
    const { from, to, line } = yield* nextLine();
    if (line === undefined) return accept();
    if (line !== 'STARTTLS') to.sendLine(`${from.name} said ${line}`);
    else {
      from.sendLine('go ahead');
      yield* from.startTls();
      from.sendLine('inside');
    }
  }
};
const proxy = customProxy('switch', script, { encoding: 'latin1' });
const context = { ...testContext(), startTls: ['client', 'server'] as const };

interface Case {
  readonly side: PeerSide;
  readonly before: readonly string[];
  readonly behind: string;
  readonly chunkSizes: readonly number[];
}

const line = fc.string({ unit: fc.constantFrom('a', ' ', 'S', 'T', 'L', 'R'), maxLength: 8 });
const cases = fc.record<Case>({
  side: fc.constantFrom('client' as const, 'server' as const),
  before: fc.array(line, { maxLength: 3 }),
  behind: fc.oneof(
    fc.constant(''),
    fc.constantFrom('STARTTLS\n', '\n', 'injected\n'),
    fc.string({ unit: anyByte, minLength: 1, maxLength: 30 }),
  ),
  chunkSizes: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 }),
});

describe('TLS in the middle of a conversation', () => {
  it('never takes plain text for what was said inside', () => {
    tryAll(cases, ({ side, before, behind, chunkSizes }) => {
      const talk = side === 'client' ? client : server;
      const said = [...before, 'STARTTLS', behind].join('\n');
      const run = runDialogue(proxy, [talk(said)], { chunkSizes, context });
      const linesOf = (to: PeerSide): string => run.output(to).replaceAll('\r\n', '\n');
      const other = side === 'client' ? 'server' : 'client';
      const passed = before.map((text) => `${side} said ${text}\n`).join('');
      assert.equal(linesOf(other), passed, 'what the other side heard');
      const heard = linesOf(side);
      if (behind === '') {
        assert.equal(heard, 'go ahead\ninside\n');
        assert.equal(run.closed, undefined);
      } else {
        assert.ok(['', 'go ahead\n'].includes(heard), heard);
        assert.match(run.closed?.reason ?? '', /^(?:custom|tls)\.plain-text$/);
        assert.equal(run.closed?.verdict, 'denied-by-policy');
      }
    });
  });
});
