// The one command of a program, and what is refused.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { obeyControl } from './control-command.ts';
import type { ControlMessage } from './control-message.ts';

function message(headers: Readonly<Record<string, string>>, rest = {}): ControlMessage {
  const list = Object.entries(headers).map(([name, value]) => ({ name, value }));
  return { sessionId: 0, command: 'SETVERDICT', headers: list, ...rest };
}

const OK: ControlMessage = {
  sessionId: 0,
  command: 'RESULT',
  headers: [{ name: 'Status', value: 'OK' }],
};

/** The reason of a failure; undefined where there is a verdict. */
function reasonOf(given: ControlMessage): string | undefined {
  const { answer, verdict } = obeyControl(given);
  assert.equal(verdict, undefined);
  assert.equal(answer.command, 'RESULT');
  assert.equal(answer.sessionId, given.sessionId);
  assert.deepEqual(answer.headers[0], { name: 'Status', value: 'Failure' });
  return answer.headers[1]?.name === 'Fail-Reason' ? answer.headers[1].value : undefined;
}

describe('obeyControl()', () => {
  it('sets the verdict', () => {
    for (const [said, word] of [
      ['Z_ACCEPT', 'accept'],
      ['Z_REJECT', 'reject'],
      ['Z_DROP', 'drop'],
      ['Z_ERROR', 'error'],
      ['Z_ACCEPTED', 'unspecified'],
      ['z_reject', 'unspecified'],
      ['', 'unspecified'],
    ] as const)
      assert.deepEqual(obeyControl(message({ Verdict: said, Description: 'a virus' })), {
        answer: OK,
        verdict: { word, description: 'a virus' },
      });
  });

  it('needs no description, and cuts a long one', () => {
    assert.equal(obeyControl(message({ Verdict: 'Z_ACCEPT' })).verdict?.description, '');
    const long = obeyControl(message({ Verdict: 'Z_DROP', Description: 'x'.repeat(9_999) }));
    assert.equal(long.verdict?.description.length, 1_000);
  });

  it('refuses everything else with a reason', () => {
    const verdict = { Verdict: 'Z_ACCEPT' };
    assert.equal(reasonOf(message({ Description: 'x' })), 'No verdict');
    assert.equal(reasonOf(message(verdict, { sessionId: 1 })), 'There is no session but 0');
    assert.equal(reasonOf(message(verdict, { command: 'GETVERDICT' })), 'Unknown command');
    const twice = message(verdict).headers;
    assert.equal(
      reasonOf(message({}, { headers: [...twice, ...twice] })),
      'A header stands there twice',
    );
  });
});
