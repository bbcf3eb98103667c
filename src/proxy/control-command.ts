// What a program may ask for on its control channel: to set its verdict. Everything else is refused with a reason.

import type { ContentVerdict, ContentWord } from './content-verdict.ts';
import type { ControlMessage } from './control-message.ts';

/** What came of a command. */
export interface ControlOutcome {
  readonly answer: ControlMessage;
  readonly verdict?: ContentVerdict;
}

const WORDS: ReadonlyMap<string, ContentWord> = new Map<string, ContentWord>([
  ['Z_ACCEPT', 'accept'],
  ['Z_REJECT', 'reject'],
  ['Z_DROP', 'drop'],
  ['Z_ERROR', 'error'],
]);

// A description is a sentence for a log line and an error answer; more of it serves nobody.
const MAX_DESCRIPTION_LENGTH = 1_000;

/** Obeys a command, or refuses it (as in the original). */
export function obeyControl(message: ControlMessage): ControlOutcome {
  const { sessionId, command, headers } = message;
  if (sessionId !== 0) return failure(message, 'There is no session but 0');
  if (command !== 'SETVERDICT') return failure(message, 'Unknown command');
  const names = new Set(headers.map(({ name }) => name));
  if (names.size < headers.length) return failure(message, 'A header stands there twice');
  const valueOf = (name: string) => headers.find((header) => header.name === name)?.value;
  const verdict = valueOf('Verdict');
  if (verdict === undefined) return failure(message, 'No verdict');
  const description = (valueOf('Description') ?? '').slice(0, MAX_DESCRIPTION_LENGTH);
  return {
    answer: result(message, [{ name: 'Status', value: 'OK' }]),
    verdict: { word: WORDS.get(verdict) ?? 'unspecified', description },
  };
}

function failure(message: ControlMessage, reason: string): ControlOutcome {
  return {
    answer: result(message, [
      { name: 'Status', value: 'Failure' },
      { name: 'Fail-Reason', value: reason },
    ]),
  };
}

function result({ sessionId }: ControlMessage, headers: ControlMessage['headers']): ControlMessage {
  return { sessionId, command: 'RESULT', headers };
}
