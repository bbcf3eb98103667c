// What a script yields: one thing that it waits for. The engine answers it, and `yield*` gives the answer to the script.

import type { PeerName } from './inbox.ts';

/** What a step came to. An error is thrown into the script, at its `yield*`. */
export type Given<Value> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly error: unknown };

/** How a step is carried out. */
export interface StepPlan<Value> {
  /** What it is, as in the script: `client.readLine()`. */
  readonly call: string;
  /** The sides of which it takes bytes. */
  readonly reads: readonly PeerName[];
  /** Asks for what has to happen outside; once, when the script has yielded the step. */
  begin?(): void;
  /** The answer, as soon as there is one. */
  attempt(): Given<Value> | undefined;
}

/** One thing that a script waits for. Only the conversation makes them. */
export class Step<out Value = unknown> {
  readonly call: string;
  readonly reads: readonly PeerName[];
  readonly #plan: StepPlan<Value>;
  #given: Given<Value> | undefined;

  constructor(plan: StepPlan<Value>) {
    this.#plan = plan;
    this.call = plan.call;
    this.reads = plan.reads;
  }

  /** Begins it. */
  begin(): void {
    this.#plan.begin?.();
  }

  /** Whether it has its answer now. */
  attempt(): boolean {
    this.#given ??= this.#plan.attempt();
    return this.#given !== undefined;
  }

  /** The answer, for the script that is resumed with it. */
  take(): Value {
    const given = this.#given;
    if (given === undefined) throw new Error(`${this.call} has no answer yet: write yield*`);
    if (!given.ok) throw given.error;
    return given.value;
  }
}

/** What a script writes `yield*` before: it waits, and then it is the value. */
export type Waiting<Value> = Generator<Step, Value>;

/** Waits for a step. */
export function* waitFor<Value>(step: Step<Value>): Waiting<Value> {
  yield step;
  return step.take();
}

/** An answer that is there. */
export function given<Value>(value: Value): Given<Value> {
  return { ok: true, value };
}
