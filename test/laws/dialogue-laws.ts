// The laws of an engine as far as a dialogue can break them: total, deterministic, cut-invariant, fail closed, final.

import assert from 'node:assert/strict';
import type { ProxyAction, ProxyEngine, ProxyFactory } from '../../src/proxy/engine.ts';
import type { Dialogue } from '../support/dialogue.ts';
import type { ModelOptions, ModelRun } from '../support/model-pump.ts';
import { quote, unquote } from '../support/latin1.ts';
import { mergeChunks } from '../support/merge-chunks.ts';
import { runDialogue } from '../support/model-pump.ts';
import { restingFactory } from '../support/resting-factory.ts';
import * as event from '../support/playbook-events.ts';
import { showAction } from '../support/show-action.ts';
import { testContext } from '../support/test-session.ts';
import type { DialogueLaw } from './run-law.ts';

const REFUSAL = {
  reason: 'rule.deny',
  verdict: 'denied-by-policy',
  message: 'The policy does not permit this connection',
} as const;

/** Total: it never throws, keeps the contract of engine.ts, and never has to be saved by its guard. */
export function total(factory: ProxyFactory, dialogue: Dialogue, options: ModelOptions): void {
  const { trace } = runDialogue(factory, dialogue, options);
  const failure = trace.find((line) => line.includes('proxy.internal-error'));
  assert.equal(failure, undefined, 'The engine failed on an error of its own');
}

/** Deterministic: no clock, no chance, and nothing that one session leaves behind for the next. */
export function deterministic(
  factory: ProxyFactory,
  dialogue: Dialogue,
  options: ModelOptions,
): void {
  const first = summary(runDialogue(factory, dialogue, options));
  runDialogue(factory, dialogue.toReversed(), options);
  const again = withoutClock(() => summary(runDialogue(factory, dialogue, options)));
  assert.deepEqual(again, first);
}

/** An engine that rests between any two events at which it says that it may goes on as one that never did. */
export function restsUnseen(
  factory: ProxyFactory,
  dialogue: Dialogue,
  options: ModelOptions,
): void {
  const { trace, timers } = runDialogue(factory, dialogue, options);
  const rested = runDialogue(restingFactory(factory), dialogue, options);
  assert.deepEqual([...rested.trace, ...rested.timers], [...trace, ...timers]);
}

/**
 * Cut-invariant: the same bytes in other chunks have the same effects. The chunks of one peer change at a time: whether
 * bytes that a server says unasked come before the next request is a race that no engine decides.
 */
export function cutInvariant(
  factory: ProxyFactory,
  dialogue: Dialogue,
  { chunkSizes = [1], ...options }: ModelOptions,
): void {
  const effectsOf = (clientSizes: readonly number[], serverChunkSizes: readonly number[]) =>
    withoutCuts(
      summary(
        runDialogue(factory, dialogue, { ...options, chunkSizes: clientSizes, serverChunkSizes }),
      ),
      dialogue,
    );
  const whole = [Infinity];
  const byClient = effectsOf(whole, whole);
  for (const sizes of [[1], chunkSizes]) assert.deepEqual(effectsOf(sizes, whole), byClient);
  const byServer = effectsOf([1], whole);
  for (const sizes of [[1], chunkSizes]) assert.deepEqual(effectsOf([1], sizes), byServer);
}

/**
 * What a child gives comes in its pieces, and goes out in as many chunks: that is how it was cut, and no effect. So does an
 * answer without a length. How much of contents a child has seen before they turn out to be malformed is a race, and so is how far
 * it has come when a server is dropped that says more than its response.
 */
function withoutCuts(lines: readonly string[], dialogue: Dialogue): readonly string[] {
  const hasChild = lines.some((line) => line.startsWith('stack '));
  if (!hasChild && !hasUnframedAnswer(dialogue)) return lines;
  const isRefused = hasChild && lines.some((line) => line.startsWith('log violation '));
  const isDropped = (line: string): boolean => hasChild && line === SERVER_DROPPED;
  const inOrder = [...lines.filter((line) => !isDropped(line)), ...lines.filter(isDropped)];
  return inOrder.flatMap((line) => {
    if (isRefused && OF_CHILD.test(line)) return [];
    const cut = hasChild ? SENT_TO_ANY : SENT_TO_CLIENT;
    const [, start, text] = cut.exec(line) ?? [];
    if (start === undefined || text === undefined) return [line];
    return [start + quote(mergeChunks(unquote(text)))];
  });
}

const SERVER_DROPPED = 'disconnect server';
const SENT_TO_ANY = /^(send (?:client|server) )(".*")$/;
const SENT_TO_CLIENT = /^(send client )(".*")$/;

/** Whether a server says anything like an answer without a field that frames it. */
function hasUnframedAnswer(dialogue: Dialogue): boolean {
  const said = dialogue
    .map((turn) => ('says' in turn && turn.from.startsWith('server') ? turn.says : ''))
    .join('');
  const heads = said.match(/HTTP\/1\.[^]*?(?:\r\n\r\n|$)/g) ?? [''];
  const framing = /^(?:content-length|transfer-encoding):/im;
  return !said.startsWith('HTTP/1.') || heads.some((head) => !framing.test(head));
}

const OF_CHILD = /^(?:send|end|disconnect) stack-(?:client|server)/;

/** Fail closed: a policy that lets nothing pass lets nothing pass. */
export function passesNothing(
  factory: ProxyFactory,
  dialogue: Dialogue,
  options: ModelOptions,
): void {
  const observe = (action: ProxyAction) => {
    assert.ok(!reachesServer(action), `The policy refused, and yet: ${showAction(action)}`);
  };
  runDialogue(factory, dialogue, { ...options, observe });
}

/** Fail closed: a refused connection is told why, at most. */
export function obeysRefusal(
  factory: ProxyFactory,
  dialogue: Dialogue,
  options: ModelOptions,
): void {
  const context = { ...testContext(), refusal: REFUSAL };
  passesNothing(factory, dialogue, { ...options, context });
}

/**
 * Fail closed: what the policy was asked about goes to the server after its yes, and after its no nothing does until the
 * next yes. Byte by byte, so that no answer comes while bytes of earlier ones are on their way.
 */
export function asksFirst(
  make: (isAccepted: () => boolean) => ProxyFactory,
  decisions: readonly boolean[],
): DialogueLaw {
  return (_, dialogue, options) => {
    let asked = 0;
    let isAccepted = false;
    const factory = make(() => (isAccepted = decisions[asked++ % decisions.length] ?? false));
    const observe = (action: ProxyAction) => {
      assert.ok(
        isAccepted || !reachesServer(action),
        `The policy did not accept, and yet: ${showAction(action)}`,
      );
    };
    runDialogue(factory, dialogue, { ...options, chunkSizes: [1], observe });
  };
}

/** Final: after its close an engine asks for nothing, whatever happens. */
export function final(factory: ProxyFactory, dialogue: Dialogue, options: ModelOptions): void {
  let made: ProxyEngine | undefined;
  const watched: ProxyFactory = {
    ...factory,
    create: (context) => (made = factory.create(context)),
  };
  // The model throws for what follows a close in the same answer.
  if (runDialogue(watched, dialogue, options).closed === undefined) return;
  for (const late of AFTER_CLOSE) assert.deepEqual(made?.handle(late), []);
}

const AFTER_CLOSE = [
  event.started(),
  event.received('client', 'GET / HTTP/1.1\r\n\r\n'),
  event.received('server', '200\r\n'),
  event.connected(),
  event.connectFailed(),
  event.relayed('client', 'server', 1),
  event.stacked(),
  event.stackRefused(),
  event.stackVerdict('accepted', 'done'),
  event.resolved(undefined),
  event.rejected(new Error('late')),
  event.elapsed('idle'),
  event.ended('client'),
  event.ended('server', 'ECONNRESET'),
];

function reachesServer(action: ProxyAction): boolean {
  return action.type === 'connect' || (action.type === 'send' && action.to.startsWith('server'));
}

function summary({ phases, timers }: ModelRun): readonly string[] {
  return [...phases, ...timers];
}

/** Runs without a clock and without chance: who asks for them gets an error. */
function withoutClock<Result>(run: () => Result): Result {
  const { now } = Date;
  const { random } = Math;
  const forbidden = () => {
    throw new Error('An engine has neither clock nor chance');
  };
  Object.assign(Date, { now: forbidden });
  Object.assign(Math, { random: forbidden });
  try {
    return run();
  } finally {
    Object.assign(Date, { now });
    Object.assign(Math, { random });
  }
}
