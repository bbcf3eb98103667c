// Who looks at which body: the tables of the policy, compiled once. There is no plan where they say nothing.

import type { ContentCoding, ContentDecoding } from '../../../proxy/content-decoding.ts';
import type { Stackable } from '../../../proxy/engine.ts';
import { callPolicy, invalidResult, isPromise } from '../../../proxy/policy-call.ts';
import type { ProxySession } from '../../../proxy/proxy-session.ts';
import { Draft } from '../rules/draft.ts';
import type { Exchange } from '../exchange.ts';
import type { FieldPolicy } from '../rules/field-policy.ts';
import type { Head } from '../heads/head.ts';
import { HttpResponse } from '../rules/http-request.ts';
import { ruleForMethod } from '../rules/policy-tables.ts';
import { Refused } from '../problem.ts';
import type { StatusLine } from '../heads/status-line.ts';
import { codingOf } from './content-codings.ts';
import { undecodable } from './content-problem.ts';
import type { FieldEdit } from './field-edits.ts';
import { requestEdits, responseEdits } from './field-edits.ts';
import type { BodyStack, StackSettings } from './stack-settings.ts';
import { bodyChildren, isBodyStack } from './stack-settings.ts';

/** Who looks at a body, and how. */
export interface ChosenStack {
  readonly form: 'data' | 'mime';
  readonly child: Stackable;
  readonly decode: ContentCoding | undefined;
}

/** The compiled tables. */
export class StackPlan {
  readonly #settings: StackSettings;
  readonly #responsePolicy: FieldPolicy;
  readonly #children: ReadonlySet<Stackable>;

  constructor(settings: StackSettings, responsePolicy: FieldPolicy) {
    this.#settings = settings;
    this.#responsePolicy = responsePolicy;
    this.#children = new Set(bodyChildren(settings));
  }

  /** Whether a function chooses who looks at responses: it is given the request, too. */
  get asksAboutResponses(): boolean {
    return Object.values(this.#settings.responseStack).some((rule) => typeof rule === 'function');
  }

  /**
   * Who looks at the body of a request; in data form only if it has one. A promise, where a function makes one: what it
   * comes to is for `requestChosen`. Throws if the body cannot be decoded.
   */
  forRequest(
    exchange: Exchange,
    session: ProxySession,
  ): ChosenStack | PromiseLike<unknown> | undefined {
    const rule = ruleForMethod(this.#settings.requestStack, exchange.request.method);
    if (rule === undefined) return undefined;
    if (typeof rule !== 'function') return this.requestChosen(rule, exchange);
    const answer = callPolicy('request stack', () => rule(exchange.policyRequest(), session));
    return isPromise(answer) ? answer : this.requestChosen(answer, exchange);
  }

  /** What the answer of a function over the body of a request means. */
  requestChosen(answer: unknown, exchange: Exchange): ChosenStack | undefined {
    const hasBody = !exchange.hasNoBody;
    return this.#chosen(this.#checked(answer), exchange.head, { side: 'client', hasBody });
  }

  /** Whether somebody may look at responses to this method. */
  looksAtResponses(method: string): boolean {
    const rule = ruleForMethod(this.#settings.responseStack, method);
    return rule !== undefined && rule !== 'none';
  }

  /** The plan itself, if somebody may look at responses to this method. */
  forResponsesTo(method: string): StackPlan | undefined {
    return this.looksAtResponses(method) ? this : undefined;
  }

  /** Who looks at the body of a response; a promise is for `responseChosen`. Throws if the body cannot be decoded. */
  forResponse(
    head: Head<StatusLine>,
    { exchange, session, hasBody }: ResponseQuestion,
  ): ChosenStack | PromiseLike<unknown> | undefined {
    const rule = ruleForMethod(this.#settings.responseStack, exchange.request.method);
    if (rule === undefined) return undefined;
    if (typeof rule !== 'function') return this.responseChosen(rule, head, hasBody);
    const draft = new Draft();
    draft.seal(); // it is too late for changes
    const response = new HttpResponse(head, draft, exchange.request.method);
    const request = exchange.policyRequest();
    const answer = callPolicy('response stack', () => rule(response, request, session));
    return isPromise(answer) ? answer : this.responseChosen(answer, head, hasBody);
  }

  /** What the answer of a function over the body of a response means. */
  responseChosen(
    answer: unknown,
    head: Head<StatusLine>,
    hasBody: boolean,
  ): ChosenStack | undefined {
    return this.#chosen(this.#checked(answer), head, { side: 'server', hasBody });
  }

  /** What becomes of the fields of a request; undefined where they stay as they are. */
  requestEdits(
    method: string,
    stack: ChosenStack | undefined,
    policy: FieldPolicy,
  ): FieldEdit | undefined {
    const looksAtResponses = this.looksAtResponses(method);
    if (stack === undefined && !looksAtResponses) return undefined;
    return requestEdits(
      { isStacked: stack !== undefined, isDecoded: stack?.decode !== undefined },
      {
        isStacked: looksAtResponses,
        isDecoded: this.#settings.decodeBodies,
        hasRule: (head, index) => policy.ruleFor(head, index) !== undefined,
      },
    );
  }

  /** What becomes of the fields of a response that somebody looks at, or would if it had a body. */
  responseEdits(head: Head<StatusLine>): FieldEdit {
    const coding = this.#settings.decodeBodies ? codingOf(head) : 'none';
    return responseEdits({
      isDecoded: coding !== 'none' && coding !== 'other',
      // A field that may pass as it is may pass with a change, too.
      hasRule: (_head, index) => {
        const rule = this.#responsePolicy.ruleFor(head, index);
        return rule !== undefined && (typeof rule === 'function' || rule.action !== 'accept');
      },
    });
  }

  /** How a body in a coding is decoded; `plainBytes` come before it. */
  decoding(coding: ContentCoding, plainBytes: number): ContentDecoding {
    const { maxDecodedRatio, maxDecodedBytes } = this.#settings;
    return { coding, plainBytes, maxRatio: maxDecodedRatio, maxBytes: maxDecodedBytes };
  }

  #checked(answer: unknown): BodyStack {
    if (isBodyStack(answer)) {
      if (answer === 'none') return answer;
      const child = 'data' in answer ? answer.data : answer.mime;
      if (this.#children.has(child)) return answer;
    }
    const expected = "{ data } or { mime } with what the option stacks names, or 'none'";
    throw invalidResult('function over body stacks', answer, expected);
  }

  #chosen(
    stack: BodyStack,
    head: Head<unknown>,
    { side, hasBody }: { readonly side: 'client' | 'server'; readonly hasBody: boolean },
  ): ChosenStack | undefined {
    if (stack === 'none') return undefined;
    const form = 'data' in stack ? 'data' : 'mime';
    if (form === 'data' && !hasBody) return undefined;
    const child = 'data' in stack ? stack.data : stack.mime;
    return { form, child, decode: hasBody ? this.#coding(head, side) : undefined };
  }

  #coding(head: Head<unknown>, side: 'client' | 'server'): ContentCoding | undefined {
    if (!this.#settings.decodeBodies) return undefined;
    const coding = codingOf(head);
    if (coding === 'other' && this.#settings.undecodableBodies === 'refuse')
      throw new Refused(undecodable(side));
    return coding === 'other' || coding === 'none' ? undefined : coding;
  }
}

/** A response whose body somebody may look at. */
export interface ResponseQuestion {
  readonly exchange: Exchange;
  readonly session: ProxySession;
  readonly hasBody: boolean;
}

/** The plan of these settings; undefined where nobody looks at bodies. */
export function stackPlanOf(
  settings: StackSettings,
  responsePolicy: FieldPolicy,
): StackPlan | undefined {
  const { requestStack, responseStack } = settings;
  const isEmpty = Object.keys({ ...requestStack, ...responseStack }).length === 0;
  return isEmpty ? undefined : new StackPlan(settings, responsePolicy);
}
