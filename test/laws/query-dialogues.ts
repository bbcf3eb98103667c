// Dialogues of protocols in which the client asks in one line and the server answers in lines: finger and whois.

import fc from 'fast-check';
import { anyByte } from '../support/arbitraries.ts';
import type { Dialogue, Turn } from '../support/dialogue.ts';
import { client, clientEnds, elapses, server, serverEnds } from '../support/dialogue.ts';

const lineEnd = fc.constantFrom('\r\n', '\n');
const answerLine = fc.oneof(
  fc.constantFrom('', 'Login: root', '% nothing found', 'x'.repeat(132), 'caf\xe9', 'a\rb', '\t'),
  fc.string({ unit: anyByte, maxLength: 30 }),
);

/** A question, its answer, and what may happen around them. */
export function queryDialogues(
  questions: fc.Arbitrary<string>,
  timer: string,
): fc.Arbitrary<Dialogue> {
  const linesOf = (lines: fc.Arbitrary<string>) =>
    fc
      .array(fc.tuple(lines, lineEnd), { maxLength: 5 })
      .map((pairs) => pairs.map(([line, end]) => line + end).join(''));
  const maybe = (turn: Turn): fc.Arbitrary<Dialogue> =>
    fc.oneof(
      { weight: 3, arbitrary: fc.constant<Dialogue>([]) },
      { weight: 1, arbitrary: fc.constant<Dialogue>([turn]) },
    );
  return fc
    .record({
      question: fc.tuple(questions, lineEnd).map(([line, end]) => client(line + end)),
      after: fc.oneof(maybe(client('more\r\n')), maybe(clientEnds())),
      answer: fc.array(linesOf(answerLine), { maxLength: 3 }),
      last: fc.constantFrom('', 'no line end'),
      silence: maybe(elapses(timer)),
    })
    .map(({ question, after, answer, last, silence }) => [
      ...[question, ...after],
      ...[...answer, last].map((text) => server(text)),
      ...[...silence, serverEnds()],
    ]);
}

/** Where endless input may begin: in each phase, with this question. */
export function queryBeginnings(question: string): readonly Dialogue[] {
  const asked = client(`${question}\r\n`);
  return [
    [],
    [client(question)],
    [asked],
    [asked, server('whole\r\nhalf')],
    [asked, server('the end\r\n'), serverEnds()],
  ];
}
