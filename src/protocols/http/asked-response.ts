// A response that a function of the policy decides about: what it is given, and what it makes of it.

import { callPolicy } from '../../proxy/policy-call.ts';
import { Draft } from './rules/draft.ts';
import type { Framing } from './bodies/framing.ts';
import type { Head } from './heads/head.ts';
import type { ResponseRule } from './http-options.ts';
import { HttpResponse } from './rules/http-request.ts';
import { changedResponse } from './rules/policy-changes.ts';
import type { ResponseSurroundings } from './heads/response-form.ts';
import type { StatusLine } from './heads/status-line.ts';

/** A rule that is a function. */
export type AskedRule = Extract<ResponseRule, (...parameters: never[]) => unknown>;

/** One question to the policy. */
export class AskedResponse {
  /** The head as it came, kept beyond its event. */
  readonly head: Head<StatusLine>;
  readonly framing: Framing;
  readonly #surroundings: ResponseSurroundings;
  readonly #response: HttpResponse;
  readonly #draft = new Draft();

  constructor(surroundings: ResponseSurroundings, head: Head<StatusLine>, framing: Framing) {
    this.head = head.snapshot();
    this.framing = framing;
    this.#surroundings = surroundings;
    const { method } = surroundings.exchange.request;
    this.#response = new HttpResponse(this.head, this.#draft, method);
  }

  /** Whether the function has changed anything. */
  get isChanged(): boolean {
    return this.#draft.isChanged;
  }

  /** Asks the function; what it gives is not checked, and may be a promise. */
  ask(rule: AskedRule): unknown {
    const { exchange, session } = this.#surroundings;
    const request = exchange.policyRequest();
    return callPolicy('response policy', () => rule(this.#response, request, session));
  }

  /** The head as the function has changed it, which can change nothing from now on. */
  changed(head: Head<StatusLine>): Head<StatusLine> {
    this.#draft.seal();
    if (!this.#draft.isChanged) return head;
    const { responses } = this.#surroundings.plan;
    return changedResponse(head, this.#response, this.#draft, responses);
  }
}
