// The gate: what a request passes before anything goes to a server. Its steps are compiled once per policy and asked in
// order; one of them may need time, refuse, or answer itself.

import type { Bytes, Outcome, ProxyContext } from '../../proxy/engine.ts';
import type { Exchange } from './exchange.ts';
import type { OwnAnswer } from './own-answer.ts';

/**
 * What becomes of a request at a step: it goes on (undefined), is answered by us, waits for a promise, or is read to the
 * end of its body first, which is then for the step.
 */
export type StepResult = OwnAnswer | PromiseLike<unknown> | 'body' | undefined;

interface AnyStep {
  /** It is asked once more if the policy has made the request one for something else. */
  readonly isAboutUrl?: true;
}

/** A step that decides at once. It throws what refuses: a Refused, a Violation or a PolicyFault. */
export interface PromptStep extends AnyStep {
  check(exchange: Exchange, context: ProxyContext): OwnAnswer | undefined;
}

/** A step that may need time. Its promise may come to anything: that is then for `settled`, which may ask for more. */
export interface PatientStep extends AnyStep {
  check(exchange: Exchange, context: ProxyContext): StepResult;
  /** Goes on when the promise is settled; the head was kept. */
  settled(exchange: Exchange, outcome: Outcome, context: ProxyContext): StepResult;
  /** Goes on when the body has come that it wanted. */
  withBody?(exchange: Exchange, body: Bytes, context: ProxyContext): StepResult;
}

/** One step of the gate. */
export type GateStep = PromptStep | PatientStep;

/** The steps of one policy. They keep nothing of a request: how far it is stands in its exchange. */
export class Gate {
  readonly #steps: readonly GateStep[];
  /** How many of them every request passes; those behind are for requests that the policy has retargeted. */
  readonly #count: number;

  constructor(steps: readonly GateStep[]) {
    this.#steps = [...steps, ...steps.filter(({ isAboutUrl }) => isAboutUrl)];
    this.#count = steps.length;
  }

  /** Brings a request to the first step that does not let it pass at once. */
  enter(exchange: Exchange, context: ProxyContext): StepResult {
    return this.#passFrom(0, exchange, context);
  }

  /** Goes on with a request that has waited. */
  resume(exchange: Exchange, outcome: Outcome, context: ProxyContext): StepResult {
    const step = this.#steps[exchange.gateStep];
    if (step === undefined || !('settled' in step))
      throw new Error('A step that does not wait was asked to go on');
    const result = step.settled(exchange, outcome, context);
    return result ?? this.#passFrom(exchange.gateStep + 1, exchange, context);
  }

  /** Goes on with a request whose body was wanted. */
  resumeWithBody(exchange: Exchange, body: Bytes, context: ProxyContext): StepResult {
    const step = this.#steps[exchange.gateStep];
    if (step === undefined || !('withBody' in step))
      throw new Error('A step that wants no body got one');
    const result = step.withBody(exchange, body, context);
    return result ?? this.#passFrom(exchange.gateStep + 1, exchange, context);
  }

  #passFrom(first: number, exchange: Exchange, context: ProxyContext): StepResult {
    const steps = this.#steps;
    for (let at = first; at < steps.length; at++) {
      if (at >= this.#count && !exchange.isRetargeted) break;
      const result = steps[at]?.check(exchange, context);
      if (result === undefined) continue;
      exchange.gateStep = at;
      return result;
    }
    return undefined;
  }
}
