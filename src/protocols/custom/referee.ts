// Holds a script to the rules. A rule that it broke stays broken: a script that catches the error does not go on.

import { disregard, isPromise } from '../../proxy/policy-call.ts';
import { showValue } from '../../proxy/policy-fault.ts';
import { PolicyFault } from '../../proxy/violation.ts';
import { TooManySteps } from './ending.ts';
import type { Waiting } from './step.ts';
import { Step, waitFor } from './step.ts';

// A script that does so much without taking a byte goes round in circles: an answer to one command has at most some
// hundred lines. Waiting for promises does not count as taking: one that has settled makes no pause.
const MAX_STEPS = 10_000;

// What one read of a socket may make a script send, before anybody knows whether the peer takes it: a client that sends
// many small commands and reads no answer must not fill the memory.
const MAX_SENT_BYTES = 4_194_304;

/** What a script has done since it last took anything, and what it did wrong. */
export class Referee {
  readonly #name: string;
  #steps = 0;
  #sentBytes = 0;
  /** A step that was made and has not been yielded: without `yield*` nothing comes of it. */
  #made: Step | undefined;
  #fault: PolicyFault | TooManySteps | undefined;

  /** `name` is that of the proxy, for messages. */
  constructor(name: string) {
    this.#name = name;
  }

  /** What the script did wrong. */
  get fault(): PolicyFault | TooManySteps | undefined {
    return this.#fault;
  }

  /** The script did something that it may not do. */
  fail(what: string): never {
    throw this.keep(
      new PolicyFault('policy.invalid-result', `The script of ${this.#name} ${what}`),
    );
  }

  /** Keeps a fault that was found elsewhere, if it is the first one. */
  keep<Fault extends PolicyFault | TooManySteps>(fault: Fault): Fault {
    this.#fault ??= fault;
    return fault;
  }

  /** Bytes have come: whoever sent them is not held, so what was sent before may have been taken. */
  received(): void {
    this.#sentBytes = 0;
  }

  /** The script took bytes: it does not go round in circles. */
  progress(): void {
    this.#steps = 0;
  }

  /** The script does something, and sends so many bytes with it. */
  spend(bytes: number): void {
    this.#steps++;
    this.#sentBytes += bytes;
    if (this.#steps > MAX_STEPS)
      throw this.keep(
        new TooManySteps(`The script of ${this.#name} took ${MAX_STEPS} steps without reading`),
      );
    if (this.#sentBytes > MAX_SENT_BYTES)
      throw this.keep(
        new TooManySteps(
          `The script of ${this.#name} sent more than ${MAX_SENT_BYTES} bytes at once`,
        ),
      );
  }

  /**
   * Makes a step for the script to yield. A fault is kept and not thrown: a script that would catch it and go round comes
   * to a `yield*` all the same, and ends there.
   */
  waiting<Value>(make: () => Step<Value>): Waiting<Value> {
    let step: Step<Value>;
    try {
      this.#checkYielded();
      step = make();
    } catch (error) {
      if (this.#fault === undefined) throw error;
      step = new Step<Value>({ call: 'nothing', reads: [], attempt: () => undefined });
    }
    this.#made = step;
    return waitFor(step);
  }

  /** The step that the script yielded, if it is the one that it made. */
  yielded(value: unknown): Step {
    if (!(value instanceof Step) || value !== this.#made) {
      if (isPromise(value)) disregard(value);
      this.fail(`yielded ${showValue(value)}: write yield* client.readLine() and the like`);
    }
    this.#made = undefined;
    return value;
  }

  /** The script has returned. */
  returned(): void {
    this.#checkYielded();
  }

  #checkYielded(): void {
    if (this.#made !== undefined)
      this.fail(`called ${this.#made.call} and did not wait for it: write yield* before it`);
  }
}
