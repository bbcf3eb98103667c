// The way of one response from the server to the client: interim heads, head, policy, body.

import type { Bytes, Outcome, ProxyAction } from '../../proxy/engine.ts';
import { isPromise, settledValue } from '../../proxy/policy-call.ts';
import type { ProxySession } from '../../proxy/proxy-session.ts';
import { Violation } from '../../proxy/violation.ts';
import { AskedResponse } from './asked-response.ts';
import type { BodyRoute } from './body-transfer.ts';
import { BodyTransfer, isTooLong } from './body-transfer.ts';
import { copyOf } from './byte-text.ts';
import { isPersistent, readConnection } from './connection-options.ts';
import { asAction, obey } from './decision.ts';
import type { Exchange, ResponseProgress } from './exchange.ts';
import { FieldAnswers } from './field-answers.ts';
import type { Framing } from './framing.ts';
import { hasBody, leavingFraming, opensTunnel, responseFraming } from './framing.ts';
import type { Head } from './head.ts';
import type { HeadParser } from './head-parser.ts';
import type { ResponseForm } from './head-forms.ts';
import { writeResponse } from './head-forms.ts';
import type { HttpAction } from './http-options.ts';
import { InterimResponses } from './interim-responses.ts';
import type { OwnAnswer } from './own-answer.ts';
import { PARENT_DENIES } from './parent-proxy.ts';
import { responseRuleFor } from './policy-tables.ts';
import { Refused } from './problem.ts';
import { responseForm, responseTrailers } from './response-form.ts';
import { PARTIAL_CONTENT } from './stacking/content-problem.ts';
import type { ChosenStack, StackPlan } from './stacking/stack-plan.ts';
import type { AcceptedResponse, ResponseOwner } from './stacking/stacked-response.ts';
import { StackedResponse } from './stacking/stacked-response.ts';
import { OutputBody } from './stacking/output-body.ts';
import type { StatusLine } from './status-line.ts';
import type { HttpTools } from './tools.ts';
import { checkSwitch } from './upgrade/upgrade-answer.ts';

const SWITCHING = 101;
const PROXY_AUTHENTICATION_REQUIRED = 407;
const NOTHING: Bytes = new Uint8Array(0);

/** What a response is part of. */
export interface ResponseContext {
  readonly tools: HttpTools;
  readonly session: ProxySession;
  readonly parser: HeadParser<StatusLine>;
  readonly exchange: Exchange;
  /** Whether the client connection may stay, as far as the request says. Asked when the response head has come. */
  readonly mayKeepClient: () => boolean;
}

/** Goes on with what a promise came to. */
type Resume = (outcome: Outcome, out: ProxyAction[]) => void;

/** `switched`: what follows is of another protocol. */
type Phase = 'head' | 'deciding' | 'answered' | 'body' | 'switched' | 'done';

/** One response. */
export class ResponseTransfer implements ResponseProgress {
  phase: Phase = 'head';
  status = 0;
  /** What the policy answers in its place; then nothing of this response is passed on. */
  answer: OwnAnswer | undefined;
  /** Whether bytes of the server have come. */
  hasBytes = false;
  keepsServer = false;
  keepsClient = false;
  /** The head of a 101 for the client, in bytes of its own. */
  switchHead: Bytes = NOTHING;
  readonly #context: ResponseContext;
  /** What goes on when a function of the policy has answered. */
  #resume: Resume | undefined;
  /** What functions of the policy say of its fields. */
  #answers: FieldAnswers | undefined;
  /** Made for the first interim response: most have none. */
  #interim: InterimResponses | undefined;
  #isBodyTimed = false;
  #isBodyComplete = false;
  /** Where a function of the policy decides about it. */
  #asked: AskedResponse | undefined;
  #body: BodyTransfer | undefined;
  /** How the body ends on its way to the client, where no child looks at it. */
  #leaves: Framing = { kind: 'none' };
  /** Puts a body without length into chunks. */
  #rechunked: OutputBody | undefined;
  /** Where a child looks at the body. */
  #stacked: StackedResponse | undefined;

  constructor(context: ResponseContext) {
    this.#context = context;
  }

  get hasBegun(): boolean {
    return this.status !== 0;
  }

  /** Whether a head has begun to come. */
  get isInsideHead(): boolean {
    return this.#context.parser.isInside;
  }

  get bodyBytes(): number {
    return this.#stacked?.body.sentBytes ?? this.#body?.bodyBytes ?? 0;
  }

  /** Whether the server has sent all of it, and it is not over for the client yet. */
  get isReceived(): boolean {
    return this.#stacked !== undefined && this.#isBodyComplete;
  }

  /** The connection of the server is dropped, after it has sent all. */
  forgetServer(): void {
    this.#stacked?.body.forgetSource();
  }

  get endsByClose(): boolean {
    return this.#stacked?.endsByClose ?? this.#leaves.kind === 'until-close';
  }

  /** Takes bytes of the server from `from` on; gives where those begin that it could not take now. */
  take(bytes: Bytes, from: number, out: ProxyAction[]): number {
    this.hasBytes = true;
    let at = from;
    while (this.phase === 'head' && at < bytes.length) at = this.#readHead(bytes, at, out);
    return this.#takeBody(bytes, at, out);
  }

  /** Bytes of the body that a relay has moved. */
  relayed(bytes: number): void {
    this.#body?.relayed(bytes);
    if (this.#body?.isComplete === true) this.phase = 'done';
  }

  /** The server sends no more. Whether that properly ends the body. */
  ended(error: string | undefined, out: ProxyAction[]): boolean {
    const isProper = this.#body?.framing.kind === 'until-close' && error === undefined;
    if (isProper) this.#complete(out);
    return isProper;
  }

  /** Goes on with what an async function of the policy came to; there may be another one to be waited for. */
  decided(outcome: Outcome, out: ProxyAction[]): void {
    const resume = this.#resume;
    if (this.phase !== 'deciding' || resume === undefined) return;
    this.#resume = undefined;
    this.phase = 'head';
    resume(outcome, out);
  }

  #wait(promise: PromiseLike<unknown>, out: ProxyAction[], resume: Resume): void {
    this.phase = 'deciding';
    this.#resume = resume;
    out.push({ type: 'wait', promise });
  }

  #takeBody(bytes: Bytes, from: number, out: ProxyAction[]): number {
    if (this.phase !== 'body' || this.#body === undefined) return from;
    const at = this.#body.take(bytes, from, out);
    this.#checkComplete(out);
    this.#timeBody(out);
    return at;
  }

  /** A body that came with its head is over before a timer could run. */
  #timeBody(out: ProxyAction[]): void {
    if (this.#isBodyTimed || this.phase === 'done') return;
    this.#isBodyTimed = true;
    this.#context.tools.timer.forBody(out);
  }

  #checkComplete(out: ProxyAction[]): void {
    if (this.#body?.isComplete === true && !this.#isBodyComplete) this.#complete(out);
  }

  /** The server has sent all; where a child looks at it, the child says when it is over. */
  #complete(out: ProxyAction[]): void {
    this.#isBodyComplete = true;
    this.#rechunked?.end(out);
    if (this.#stacked === undefined) this.phase = 'done';
    else this.#stacked.body.complete(out);
  }

  #readHead(bytes: Bytes, at: number, out: ProxyAction[]): number {
    const { parser, tools, exchange } = this.#context;
    const received = parser.read(bytes, at);
    if (received === undefined) return bytes.length;
    const head = tools.responses.strict?.check(received) ?? received;
    tools.responses.known.note(head);
    // Throws for what is malformed before the policy sees it.
    const framing = responseFraming(head, tools.responses.known, exchange.request.method);
    if (head.line.status === PROXY_AUTHENTICATION_REQUIRED && exchange.parent !== undefined)
      throw new Refused(PARENT_DENIES);
    if (head.line.status >= 200) {
      this.#decide(head, framing, out);
    } else if (head.line.status === SWITCHING) {
      checkSwitch(head, exchange.upgrade);
      this.#decide(head, framing, out);
    } else {
      (this.#interim ??= new InterimResponses(this.#context)).take(head, out);
    }
    return parser.next;
  }

  #decide(head: Head<StatusLine>, framing: Framing, out: ProxyAction[]): void {
    const { tools, exchange } = this.#context;
    const { method } = exchange.request;
    const rule = responseRuleFor(tools.settings.response, method, head.line.status);
    if (typeof rule !== 'function') {
      if (rule === undefined) this.#forward(head, framing, out);
      else this.#obey(rule, head, framing, out);
      return;
    }
    const asked = new AskedResponse(this.#context, head, framing);
    this.#asked = asked;
    const result = asked.ask(rule);
    if (!isPromise(result)) {
      this.#obey(asAction('response', result), head, framing, out);
      return;
    }
    this.#wait(result, out, (outcome, actions) => {
      const action = asAction('response', settledValue('response policy', outcome));
      tools.responses.known.note(asked.head);
      this.#obey(action, asked.head, framing, actions);
    });
  }

  #obey(action: HttpAction, head: Head<StatusLine>, framing: Framing, out: ProxyAction[]): void {
    this.answer = obey('response', action, this.#context.exchange.request.method);
    if (this.answer === undefined) this.#forward(this.#asked?.changed(head) ?? head, framing, out);
    else this.phase = 'answered';
  }

  #forward(head: Head<StatusLine>, framing: Framing, out: ProxyAction[]): void {
    const { method } = this.#context.exchange.request;
    if (opensTunnel(method, head.line.status)) this.phase = 'switched';
    else this.#passOn(head, framing, out);
  }

  #passOn(head: Head<StatusLine>, framing: Framing, out: ProxyAction[]): void {
    const { settings, responses } = this.#context.tools;
    if (isTooLong(framing, settings)) throw bad('body-too-long', 'The body is longer than allowed');
    const options = { names: responses.policy.names, side: 'server' } as const;
    const connection = readConnection(head, responses.known, options);
    // From a head that was changed they are gone already, and what the policy made stays.
    const strip = this.#asked?.isChanged === true ? [] : connection.strip;
    this.keepsServer = framing.kind !== 'until-close' && isPersistent(head.line.minor, connection);
    this.#askForChild({ head, framing, strip }, out);
  }

  /** Asks who looks at the body. What follows a switch is another protocol's, and no body. */
  #askForChild(accepted: AcceptedResponse, out: ProxyAction[]): void {
    const { exchange, session } = this.#context;
    const { head, framing } = accepted;
    const stacks = head.line.status === SWITCHING ? undefined : this.#stacks;
    const question = { exchange, session, hasBody: hasBody(framing) };
    const stack = stacks?.forResponse(head, question);
    if (!isPromise(stack)) {
      this.#deliver(accepted, stack, out);
      return;
    }
    const kept = { ...accepted, head: head.snapshot() };
    this.#wait(stack, out, (outcome, actions) => {
      const answer = settledValue('response stack', outcome);
      this.#deliver(kept, stacks?.responseChosen(answer, kept.head, question.hasBody), actions);
    });
  }

  /** Gives it to the child that looks at it, or to the client. */
  #deliver(accepted: AcceptedResponse, stack: ChosenStack | undefined, out: ProxyAction[]): void {
    if (stack === undefined) this.#sendOn(accepted, out);
    else this.#throughChild(accepted, stack, out);
  }

  /** Writes the head; undefined if functions of the policy are waited for, and then all of this is done again. */
  #write(
    accepted: AcceptedResponse,
    stack: ChosenStack | undefined,
    how: Pick<ResponseForm, 'framing' | 'keepsClient' | 'edit' | 'isOpenEnded'>,
    out: ProxyAction[],
  ): Bytes | undefined {
    const { tools } = this.#context;
    const { head, strip } = accepted;
    if (tools.responses.policy.hasFunctions) this.#answers ??= new FieldAnswers();
    const answers = this.#answers;
    const form = responseForm(this.#context, head.line.status, strip, answers);
    const { framing, keepsClient, edit, isOpenEnded = false } = how;
    const bytes = writeResponse(head, { ...form, framing, keepsClient, edit, isOpenEnded });
    const pending = answers?.pending;
    if (pending === undefined) return bytes;
    const kept = { ...accepted, head: head.snapshot() };
    this.#wait(pending, out, (outcome, actions) => {
      answers?.settle(outcome);
      this.#deliver(kept, stack, actions);
    });
    return undefined;
  }

  #sendOn(accepted: AcceptedResponse, out: ProxyAction[]): void {
    const { tools } = this.#context;
    const { head, framing, strip } = accepted;
    const leaves = leavingFraming(framing, this.#clientMinor, tools.settings);
    const keepsClient = this.#mayKeepClient(leaves);
    // Whoever asks with HEAD, or whether it has changed, is told what would come through the child.
    const edit = framing.kind === 'none' ? this.#stacks?.responseEdits(head) : undefined;
    const bytes = this.#write(accepted, undefined, { framing: leaves, keepsClient, edit }, out);
    if (bytes === undefined) return;
    this.keepsClient = keepsClient;
    if (head.line.status === SWITCHING) {
      this.switchHead = copyOf(bytes);
      this.phase = 'switched';
      return;
    }
    out.push({ type: 'send', to: 'client', bytes });
    this.status = head.line.status;
    this.#leaves = leaves;
    if (leaves.kind === 'chunked' && framing.kind !== 'chunked')
      this.#rechunked = new OutputBody('client', leaves);
    this.#beginBody(framing, {
      coding: leaves.kind === 'until-close' ? 'plain' : 'same',
      trailers:
        leaves.kind === 'chunked' ? responseTrailers(this.#context, framing, strip) : undefined,
      sink: this.#rechunked,
    });
    this.#checkComplete(out);
  }

  #mayKeepClient({ kind }: Framing): boolean {
    // Inside another proxy there is one server connection, and no further one.
    const isLast = this.#context.session.isStacked && !this.keepsServer;
    return kind !== 'until-close' && !isLast && this.#context.mayKeepClient();
  }

  /** The plan, where somebody may look at this response. */
  get #stacks(): StackPlan | undefined {
    const { tools, exchange } = this.#context;
    const looks = tools.stacks?.looksAtResponses(exchange.request.method) === true;
    return looks ? tools.stacks : undefined;
  }

  /** Gives a response to the child that looks at it. */
  #throughChild(accepted: AcceptedResponse, stack: ChosenStack, out: ProxyAction[]): void {
    const { tools, exchange } = this.#context;
    const { head, framing } = accepted;
    const { status } = head.line;
    if (status === 206) throw new Refused(PARTIAL_CONTENT);
    const edit = tools.stacks?.responseEdits(head);
    const how = { framing, keepsClient: false, isOpenEnded: true, edit };
    const bytes = this.#write(accepted, stack, how, out);
    if (bytes === undefined) return;
    const owner: ResponseOwner = {
      mayKeepClient: (leaves) => this.#mayKeepClient(leaves),
      begun: (keepsClient) => {
        this.status = status;
        this.keepsClient = keepsClient;
      },
      done: () => {
        this.keepsServer &&= this.#isBodyComplete;
        this.phase = 'done';
      },
    };
    // There is one child at a time: a server that answers before it has the whole request gets no more of it.
    exchange.stacked?.abandon(out);
    const minor = this.#clientMinor;
    const stacked = new StackedResponse({ tools, stack, head: bytes, framing, minor, owner });
    this.#stacked = stacked;
    exchange.stacked = stacked.body;
    tools.timer.disarm(out);
    this.#isBodyTimed = true;
    this.#beginBody(framing, { coding: 'plain', sink: stacked.body });
    stacked.body.begin(out);
    this.#checkComplete(out);
  }

  #beginBody(framing: Framing, route: Pick<BodyRoute, 'coding' | 'trailers' | 'sink'>): void {
    const { coding, trailers, sink } = route;
    const limits = this.#context.tools.settings;
    const ends = { from: 'server', to: 'client' } as const;
    this.#body = new BodyTransfer({ ...ends, framing, limits, coding, trailers, sink });
    this.phase = 'body';
  }

  get #clientMinor(): 0 | 1 {
    return this.#context.exchange.request.minor;
  }
}

function bad(rule: string, message: string): Violation {
  return new Violation(`http.${rule}`, 'server', message);
}
