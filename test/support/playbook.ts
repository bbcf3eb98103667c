// Tests of an engine that read like a trace: `playbook(engine).when(started()).expect(hold('client'), connect())`.

import assert from 'node:assert/strict';
import type { ProxyAction, ProxyEngine, ProxyEvent } from '../../src/proxy/engine.ts';
import type { Expectation } from './playbook-actions.ts';
import { send } from './playbook-actions.ts';
import { showAction, showEvent } from './show-action.ts';

export * from './playbook-actions.ts';
export * from './playbook-events.ts';
export { testContext, testSession } from './test-session.ts';

/** What a playbook does not look at. */
export interface PlaybookOptions {
  /** Actions of these types are neither expected nor missed: `['timer', 'log']`. */
  readonly ignoring?: readonly ProxyAction['type'][];
}

/** Begins a playbook over a fresh engine. */
export function playbook(engine: ProxyEngine, options: PlaybookOptions = {}): Playbook {
  return new Playbook(engine, options);
}

/** Feeds an engine and compares what it asks for, one event after the other. */
export class Playbook {
  readonly #engine: ProxyEngine;
  readonly #ignored: ReadonlySet<ProxyAction['type']>;
  readonly #story: string[] = [];
  #actions: ProxyAction[] = [];

  constructor(engine: ProxyEngine, options: PlaybookOptions) {
    this.#engine = engine;
    this.#ignored = new Set(options.ignoring);
  }

  /** Feeds an event. What the event before it caused must have been expected. */
  when(event: ProxyEvent): this {
    if (this.#actions.length > 0) this.expect();
    this.#actions = this.#feed(event);
    return this;
  }

  /** Feeds events up to the one that matters; what they cause is not looked at. */
  given(...events: ProxyEvent[]): this {
    for (const event of events) this.#feed(event);
    return this;
  }

  /** Compares all actions of the last event, in order; without arguments, that there are none. */
  expect(...expectations: Expectation[]): this {
    const actual = mergeSends(this.#actions);
    const expected = mergeExpected(expectations);
    this.#actions = [];
    const actualLines = actual.map((action, index) => {
      const expectation = expected[index];
      return expectation?.matches(action) === true ? expectation.text : showAction(action);
    });
    const expectedLines = expected.map(({ text }) => text);
    assert.deepEqual(actualLines, expectedLines, this.#explain(actualLines, expectedLines));
    this.#story.push(...actualLines.map((line) => `  expect ${line}`));
    return this;
  }

  #feed(event: ProxyEvent): ProxyAction[] {
    this.#story.push(`when ${showEvent(event)}`);
    const actions = handleBorrowed(this.#engine, event);
    return actions.filter(({ type }) => !this.#ignored.has(type));
  }

  #explain(actual: readonly string[], expected: readonly string[]): string {
    const list = (lines: readonly string[]) =>
      lines.length === 0 ? '  nothing' : lines.map((line) => `  ${line}`).join('\n');
    return `After\n${list(this.#story)}\nexpected\n${list(expected)}\nbut the engine asked for\n${list(actual)}`;
  }
}

/**
 * Lets an engine handle an event as a driver with one read buffer would: when the actions have been carried out, the
 * bytes of the event are others. An engine that kept them shows.
 */
export function handleBorrowed(engine: ProxyEngine, event: ProxyEvent): ProxyAction[] {
  if (event.type !== 'received') return engine.handle(event);
  const bytes = new Uint8Array(event.bytes);
  const actions = engine.handle({ ...event, bytes });
  const carriedOut = actions.map((action) =>
    action.type === 'send' ? { ...action, bytes: new Uint8Array(action.bytes) } : action,
  );
  bytes.fill(0xee);
  return carriedOut;
}

function mergeSends(actions: readonly ProxyAction[]): ProxyAction[] {
  const merged: ProxyAction[] = [];
  for (const action of actions) {
    const last = merged.at(-1);
    if (action.type === 'send' && last?.type === 'send' && last.to === action.to)
      merged.splice(-1, 1, { ...last, bytes: Buffer.concat([last.bytes, action.bytes]) });
    else merged.push(action);
  }
  return merged;
}

function mergeExpected(expectations: readonly Expectation[]): Expectation[] {
  const merged: Expectation[] = [];
  for (const expectation of expectations) {
    const last = merged.at(-1)?.exactly;
    const next = expectation.exactly;
    if (next?.type === 'send' && last?.type === 'send' && last.to === next.to)
      merged.splice(-1, 1, send(next.to, Buffer.concat([last.bytes, next.bytes])));
    else merged.push(expectation);
  }
  return merged;
}
