// The body of a response on its way through a child: the client hears nothing before the child has given its first byte or
// its word, so that an error page can stand in the place of what it refuses.

import type { Bytes, ProxyAction } from '../../../proxy/engine.ts';
import type { TransferFailure } from '../../../proxy/stack-transfer.ts';
import type { Framing } from '../bodies/framing.ts';
import type { Head } from '../heads/head.ts';
import { headEnd } from '../heads/head-forms.ts';
import { Refused } from '../problem.ts';
import type { StatusLine } from '../heads/status-line.ts';
import type { HttpPlan } from '../http-plan.ts';
import { childBody } from './child-body.ts';
import { problemOfContent } from './content-problem.ts';
import { OutputBody } from './output-body.ts';
import type { ChosenStack } from './stack-plan.ts';
import type { Announcer, StackedBody } from './stacked-body.ts';

/** A response that the policy has accepted. */
export interface AcceptedResponse {
  readonly head: Head<StatusLine>;
  readonly framing: Framing;
  /** Names of fields that end here. */
  readonly strip: readonly string[];
  /** A field for the time when it came, as a whole line; empty where it has one. */
  readonly date: string;
}

/** Who is told how far a response is. */
export interface ResponseOwner {
  /** Whether the client connection may stay after a response that leaves so. */
  mayKeepClient(leaves: Framing): boolean;
  /** The client gets the head. */
  begun(keepsClient: boolean): void;
  /** The client has all. */
  done(): void;
}

/** What a stacked response is made of. */
export interface StackedResponseParts {
  readonly plan: HttpPlan;
  readonly stack: ChosenStack;
  /** The head as the client gets it, without what `headEnd` adds. */
  readonly head: Bytes;
  /** How the body comes from the server. */
  readonly framing: Framing;
  /** The minor version of the client. */
  readonly minor: 0 | 1;
  readonly owner: ResponseOwner;
}

/** A response whose body a child looks at. */
export class StackedResponse implements Announcer {
  readonly body: StackedBody;
  readonly #parts: StackedResponseParts;
  #output: OutputBody | undefined;

  constructor(parts: StackedResponseParts) {
    const { plan, stack, head, framing } = parts;
    this.#parts = parts;
    this.body = childBody(plan, { source: 'server', stack, head, framing }, this);
  }

  /** Whether the client can only tell by the way its connection ends that the body is complete. */
  get endsByClose(): boolean {
    return this.#output?.framing.kind === 'until-close';
  }

  announce(length: number | undefined, out: ProxyAction[]): void {
    const { head, minor, owner } = this.#parts;
    const framing = this.#framing(length);
    const keepsClient = owner.mayKeepClient(framing);
    this.#output = new OutputBody('client', framing);
    owner.begun(keepsClient);
    out.push(
      { type: 'send', to: 'client', bytes: head },
      { type: 'send', to: 'client', bytes: headEnd(framing, { keepsClient, minor }) },
    );
    this.body.resume(this.#output, out);
  }

  finished(): void {
    this.#parts.owner.done();
  }

  failed(failure: TransferFailure): void {
    throw new Refused(problemOfContent(failure, 'server'));
  }

  /** A response without a body has none afterwards. */
  #framing(length: number | undefined): Framing {
    const { framing, minor } = this.#parts;
    if (framing.kind === 'none') return framing;
    if (length !== undefined) return { kind: 'length', length };
    return minor === 1 ? { kind: 'chunked' } : { kind: 'until-close' };
  }
}
