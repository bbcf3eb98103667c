// Arbitraries that every protocol shares: chunks, mutations of dialogues, and events in an order that no pump would make.

import fc from 'fast-check';
import type { ContentWord } from '../../src/proxy/content-verdict.ts';
import type { Channel, ConnectFailure, Port, ProxyEvent } from '../../src/proxy/engine.ts';
import { VERDICTS } from '../../src/proxy/verdict.ts';
import type { Dialogue, Speaker, Turn } from './dialogue.ts';
import * as event from './playbook-events.ts';

/** One character that stands for a byte. The units of fast-check that go beyond ASCII are tables of 90 MB. */
export const anyByte: fc.Arbitrary<string> = fc
  .nat({ max: 255 })
  .map((code) => String.fromCharCode(code));

/** Sizes of chunks: byte by byte, small and large ones, all at once. */
export const chunkSizes: fc.Arbitrary<readonly number[]> = fc.oneof(
  fc.constant([Infinity]),
  fc.constant([1]),
  fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
  fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 5 }),
);

/** Whether the world answers at once or lets the peer finish its turn. */
export const answers = fc.constantFrom('at-once' as const, 'after-the-turn' as const);

/** What breaks parsers: line ends in halves, NUL, separators, and bytes that are no ASCII. */
const TROUBLE = [
  '\r',
  '\n',
  '\r\n',
  '\0',
  ' ',
  '\t',
  ':',
  ',',
  '"',
  '\x7f',
  '\x80',
  '\xff',
  '-1',
  '0',
];

const SPEAKERS: readonly Speaker[] = ['client', 'client 2', 'server', 'server 2'];

interface TextMutation {
  readonly kind: 'flip' | 'delete' | 'repeat' | 'truncate' | 'insert';
  /** Where, from 0 (the first byte) to 1. */
  readonly at: number;
  readonly length: number;
  readonly insert: string;
}

interface TurnMutation {
  readonly kind: 'omit' | 'repeat' | 'end' | 'reset' | 'text';
  /** Which turn, from 0 (the first one) to 1. */
  readonly at: number;
  readonly from: Speaker;
  readonly text: TextMutation;
}

const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

const textMutation: fc.Arbitrary<TextMutation> = fc.record({
  kind: fc.constantFrom('insert', 'flip', 'delete', 'repeat', 'truncate'),
  at: fraction,
  length: fc.integer({ min: 1, max: 20 }),
  insert: fc.oneof(fc.constantFrom(...TROUBLE), fc.string({ unit: anyByte, maxLength: 8 })),
});

const turnMutation: fc.Arbitrary<TurnMutation> = fc.record({
  kind: fc.oneof(
    { weight: 4, arbitrary: fc.constant('text' as const) },
    { weight: 1, arbitrary: fc.constantFrom('omit', 'repeat', 'end', 'reset') },
  ),
  at: fraction,
  from: fc.constantFrom(...SPEAKERS),
  text: textMutation,
});

/** Valid dialogues, and the same with up to four things gone wrong. */
export function mutated(dialogues: fc.Arbitrary<Dialogue>): fc.Arbitrary<Dialogue> {
  const mutations = fc.oneof(
    fc.constant<TurnMutation[]>([]),
    fc.array(turnMutation, { minLength: 1, maxLength: 4 }),
  );
  return fc
    .tuple(dialogues, mutations)
    .map(([dialogue, list]) => list.reduce<Dialogue>(mutateDialogue, dialogue));
}

function mutateDialogue(dialogue: Dialogue, mutation: TurnMutation): Dialogue {
  const { kind, at, from } = mutation;
  const index = Math.floor(at * dialogue.length);
  const turn = dialogue[index];
  if (turn === undefined) return dialogue;
  switch (kind) {
    case 'omit':
      return dialogue.toSpliced(index, 1);
    case 'repeat':
      return dialogue.toSpliced(index, 0, turn);
    case 'end':
    case 'reset':
      return dialogue.toSpliced(index, 0, { from, does: kind });
    case 'text':
      return dialogue.with(index, mutateTurn(turn, mutation.text));
  }
}

function mutateTurn(turn: Turn, mutation: TextMutation): Turn {
  return 'says' in turn ? { ...turn, says: mutateText(turn.says, mutation) } : turn;
}

function mutateText(text: string, { kind, at, length, insert }: TextMutation): string {
  const start = Math.floor(at * text.length);
  const [before, after] = [text.slice(0, start), text.slice(start)];
  switch (kind) {
    case 'insert':
      return before + insert + after;
    case 'delete':
      return before + after.slice(length);
    case 'repeat':
      return before + after.slice(0, length) + after;
    case 'truncate':
      return before;
    case 'flip':
      return (
        before +
        String.fromCharCode((text.charCodeAt(start) ^ (1 << (length % 8))) & 0xff) +
        after.slice(1)
      );
  }
}

const port = fc.constantFrom<Port>(
  'client',
  'server',
  'stack-client',
  'stack-server',
  'server#1',
  'client#1',
);
const channel = fc.constantFrom<Channel>('client#1', 'client#2', 'server#1', 'server#2');
const address = fc.constantFrom('10.1.2.3:40001', '192.0.2.254:50001', '[2001:db8::1]:50001');
const error = fc.option(fc.constantFrom('ECONNRESET', 'ETIMEDOUT'), { nil: undefined });
const verdict = fc.constantFrom(...VERDICTS);
const contentWord = fc.constantFrom<ContentWord>(
  'accept',
  'reject',
  'drop',
  'error',
  'unspecified',
);
const count = fc.nat({ max: 5000 });
const failure: fc.Arbitrary<ConnectFailure> = fc.record({
  reason: fc.constantFrom('connect.refused', 'connect.timeout', 'zone.outbound'),
  verdict,
  message: fc.string({ maxLength: 20 }),
});

/** Events of every type in every order, whether a pump would make them or not; `texts` is what peers may say. */
export function eventSequences(
  texts: fc.Arbitrary<string>,
  timers: readonly string[],
): fc.Arbitrary<readonly ProxyEvent[]> {
  const anyEvent = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.tuple(port, texts).map(([from, text]) => event.received(from, text)),
    },
    fc.constant(event.started()),
    fc.tuple(port, error).map(([from, code]) => event.ended(from, code)),
    port.map((name) => event.connected(undefined, name)),
    fc.tuple(failure, port).map(([why, name]) => event.connectFailed(why, name)),
    fc
      .tuple(port, port, count, fc.constantFrom('complete' as const, 'cut-short' as const))
      .map(([from, to, bytes, how]) => event.relayed(from, to, bytes, how)),
    fc.tuple(address, channel).map(([where, name]) => event.listening(where, name)),
    fc
      .tuple(channel, address, address)
      .map(([name, from, where]) => event.accepted(name, from, where)),
    fc.tuple(failure, channel).map(([why, name]) => event.expectFailed(why, name)),
    fc.constant(event.stacked()),
    failure.map(event.stackRefused),
    fc
      .tuple(verdict, fc.string({ maxLength: 9 }), fc.constantFrom(undefined, 'reset' as const))
      .map(([what, why, how]) => event.stackVerdict(what, why, how)),
    fc.tuple(contentWord, fc.string({ maxLength: 9 })).map((said) => event.contentVerdict(...said)),
    count.map(event.contentHint),
    fc.anything().map(event.resolved),
    fc.anything().map(event.rejected),
    fc
      .tuple(fc.constantFrom(...timers, 'unknown'), count, count, fc.boolean())
      .map(([name, fromClient, fromServer, clientIsFull]) =>
        event.elapsed(name, { fromClient, fromServer, clientIsFull }),
      ),
  );
  // Half of the sequences begin as sessions do, so that they come to where proxies have most to do.
  const beginning = fc
    .tuple(texts, texts)
    .map(([question, answer]) => [
      event.started(),
      event.received('client', question),
      event.connected(),
      event.received('server', answer),
    ]);
  return fc
    .tuple(fc.oneof(fc.constant([]), beginning), fc.array(anyEvent, { maxLength: 30 }))
    .map(([first, events]) => [...first, ...events]);
}
