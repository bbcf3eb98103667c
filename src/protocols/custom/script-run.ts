// Runs a script step by step. Whatever it throws, yields or returns comes out as a step, a result or a fault.

import { actionOf } from '../../proxy/policy-action.ts';
import {
  callPolicy,
  checkReadable,
  disregard,
  invalidResult,
  isPromise,
} from '../../proxy/policy-call.ts';
import { showValue } from '../../proxy/policy-fault.ts';
import { PolicyFault } from '../../proxy/violation.ts';
import type { Conversation, Script, ScriptResult } from './conversation.ts';
import { Unavailable } from './ending.ts';
import type { Referee } from './referee.ts';
import type { Step } from './step.ts';

/** What a script came to: the next step, or its result. */
export type Advance =
  | { readonly type: 'step'; readonly step: Step }
  | { readonly type: 'result'; readonly result: ScriptResult };

const RESULTS: readonly unknown[] = ['accept', 'reject', 'abort'];
const EXPECTED_RESULT = 'accept(), reject(text) or abort(text)';

/** One run of a script. */
export class ScriptRun {
  readonly #name: string;
  readonly #referee: Referee;
  readonly #start: () => unknown;
  #iterator: Iterator<unknown> | undefined;

  /** `name` is that of the proxy. */
  constructor(
    name: string,
    script: Script,
    { conversation, referee }: { readonly conversation: Conversation; readonly referee: Referee },
  ) {
    this.#name = `script of ${name}`;
    this.#referee = referee;
    this.#start = () => script(conversation);
  }

  /** Lets the script run to its next step, or to its end. */
  advance(): Advance {
    let advance: Advance | undefined;
    try {
      callPolicy(this.#name, () => (advance = this.#next()));
    } catch (error) {
      throw this.#referee.fault ?? connectFailureIn(error) ?? error;
    }
    // What it did against the rules counts, even if it caught the error.
    if (this.#referee.fault !== undefined) throw this.#referee.fault;
    return advance ?? this.#referee.fail('did nothing');
  }

  #next(): Advance {
    this.#iterator ??= this.#makeIterator();
    // What looks like an iterator may give anything.
    const { done, value } = this.#iterator.next() as { readonly done?: unknown; value: unknown };
    if (done !== true) {
      this.#referee.spend(0);
      return { type: 'step', step: this.#referee.yielded(value) };
    }
    this.#referee.returned();
    checkReadable(this.#name, value);
    if (isResult(value)) return { type: 'result', result: value };
    throw this.#referee.keep(invalidResult(this.#name, value, EXPECTED_RESULT));
  }

  #makeIterator(): Iterator<unknown> {
    const made = this.#start();
    if (isIterator(made)) return made;
    if (isPromise(made)) disregard(made);
    return this.#referee.fail(`returned ${showValue(made)}: write it as function* (...) { ... }`);
  }
}

function connectFailureIn(error: unknown): Unavailable | undefined {
  const cause = error instanceof PolicyFault ? error.cause : undefined;
  try {
    return cause instanceof Unavailable ? cause : undefined;
  } catch {
    return undefined; // a Proxy that throws when it is asked what it is
  }
}

function isIterator(value: unknown): value is Iterator<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'next' in value &&
    typeof value.next === 'function' &&
    !(Symbol.asyncIterator in value)
  );
}

function isResult(value: unknown): value is ScriptResult {
  return RESULTS.includes(actionOf(value));
}
