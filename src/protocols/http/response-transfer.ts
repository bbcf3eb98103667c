// The way of one response from the server to the client: interim heads, head, policy, body.

import type { Bytes, Outcome, ProxyAction } from '../../proxy/engine.ts';
import { isPromise, settledValue } from '../../proxy/policy-call.ts';
import type { ProxySession } from '../../proxy/proxy-session.ts';
import { Violation } from '../../proxy/violation.ts';
import type { AskedRule } from './asked-response.ts';
import { AskedResponse } from './asked-response.ts';
import { isTooLong } from './bodies/body-transfer.ts';
import { copyOf, NO_BYTES } from './heads/byte-text.ts';
import { isPersistent, readConnection } from './heads/connection-options.ts';
import { asAction, obey } from './rules/decision.ts';
import type { Exchange, ResponseClient, ResponseProgress, Resume } from './exchange.ts';
import { FieldAnswers } from './rules/field-answers.ts';
import type { Framing } from './bodies/framing.ts';
import { hasBody, leavingFraming, opensTunnel, responseFraming } from './bodies/framing.ts';
import type { Head } from './heads/head.ts';
import type { HeadParser } from './heads/head-parser.ts';
import { writeResponse } from './heads/head-forms.ts';
import type { HttpAction } from './http-options.ts';
import { InterimResponses } from './interim-responses.ts';
import { isHeardBehind } from './meanwhile.ts';
import type { OwnAnswer } from './own-answer.ts';
import { checkParentAnswer } from './parent-proxy.ts';
import { responseRuleFor } from './rules/policy-tables.ts';
import { Refused } from './problem.ts';
import type { HowBodyLeaves, ResponseSurroundings } from './heads/response-form.ts';
import {
  bytesBesideHead,
  missingDate,
  responseForm,
  responseTrailers,
} from './heads/response-form.ts';
import type { BodyWay } from './response-body.ts';
import { ResponseBody } from './response-body.ts';
import { PARTIAL_CONTENT } from './stacking/content-problem.ts';
import type { ChosenStack, StackPlan } from './stacking/stack-plan.ts';
import type { AcceptedResponse, ResponseOwner } from './stacking/stacked-response.ts';
import { StackedResponse } from './stacking/stacked-response.ts';
import { OutputBody } from './stacking/output-body.ts';
import type { StatusLine } from './heads/status-line.ts';
import { SWITCHING_PROTOCOLS } from './heads/status-line.ts';
import type { HttpPlan } from './http-plan.ts';
import { checkSwitch } from './upgrade/upgrade-answer.ts';

/** `switched`: what follows is of another protocol. */
type Phase = 'head' | 'deciding' | 'answered' | 'body' | 'switched' | 'done';

/** One response. */
export class ResponseTransfer implements ResponseProgress, ResponseSurroundings {
  readonly plan: HttpPlan;
  readonly exchange: Exchange;
  readonly session: ProxySession;
  phase: Phase = 'head';
  status = 0;
  /** What the policy answers in its place; then nothing of this response is passed on. */
  answer: OwnAnswer | undefined;
  /** Whether bytes of the server have come. */
  hasBytes = false;
  keepsServer = false;
  keepsClient = false;
  /** The head of a 101 for the client, in bytes of its own. */
  switchHead: Bytes = NO_BYTES;
  readonly #client: ResponseClient;
  #isServerGone = false;
  /** Taken when a head begins: while a body passes there is none. */
  #parser: HeadParser<StatusLine> | undefined;
  /** What goes on when a function of the policy has answered. */
  #resume: Resume | undefined;
  /** What functions of the policy say of its fields. */
  #answers: FieldAnswers | undefined;
  /** Made for the first interim response: most have none. */
  #interim: InterimResponses | undefined;
  /** Where a function of the policy decides about it. */
  #asked: AskedResponse | undefined;
  /** Undefined until its head has gone, and where it has gone with that. */
  #body: ResponseBody | undefined;
  #taken: Bytes | undefined;
  /** How many bytes of the body have left with the head; then they are all. */
  #besideHead = 0;

  constructor(plan: HttpPlan, exchange: Exchange, client: ResponseClient) {
    this.plan = plan;
    this.exchange = exchange;
    this.session = client.context.session;
    this.#client = client;
  }

  get hasBegun(): boolean {
    return this.status !== 0;
  }

  /** Whether a head has begun to come. */
  get isInsideHead(): boolean {
    return this.#parser?.isInside === true;
  }

  get bodyBytes(): number {
    return this.#body?.sentBytes ?? this.#besideHead;
  }

  /** Whether the server has sent all of it, and it is not over for the client yet. */
  get isReceived(): boolean {
    return this.#body?.isReceived === true && !this.#body.isOver;
  }

  /** The server has ended while the policy is asked: it gets no further request. */
  forgoServer(): void {
    this.#isServerGone = true;
    this.keepsServer = false;
  }

  /** The connection of the server is dropped, after it has sent all. */
  forgetServer(): void {
    this.#body?.forgetServer();
  }

  get endsByClose(): boolean {
    return this.#body?.endsByClose === true;
  }

  /** Takes bytes of the server from `from` on; gives where those begin that it could not take now. */
  take(bytes: Bytes, from: number, out: ProxyAction[]): number {
    this.hasBytes = true;
    this.#taken = bytes;
    let at = from;
    while (this.phase === 'head' && at < bytes.length) at = this.#readHead(bytes, at, out);
    this.#taken = undefined;
    if (this.phase !== 'body' || this.#body === undefined) return at;
    at = this.#body.take(bytes, at, out);
    this.#checkOver(this.#body);
    return at;
  }

  /** Bytes of the body that a relay has moved. */
  relayed(bytes: number): void {
    if (this.#body === undefined) return;
    this.#body.relayed(bytes);
    this.#checkOver(this.#body);
  }

  /** The server sends no more. Whether that properly ends the body. */
  ended(error: string | undefined, out: ProxyAction[]): boolean {
    if (this.#body?.ended(error, out) !== true) return false;
    this.#checkOver(this.#body);
    return true;
  }

  /** Goes on with what an async function of the policy came to; there may be another one to be waited for. */
  decided(outcome: Outcome, out: ProxyAction[]): void {
    const resume = this.#resume;
    if (this.phase !== 'deciding' || resume === undefined) return;
    this.#resume = undefined;
    this.phase = 'head';
    resume(outcome, out);
  }

  /** Waits for a promise of the policy. The server is heard meanwhile, but for a long body, which nobody keeps. */
  #wait(
    promise: PromiseLike<unknown>,
    { head, framing }: Pick<AcceptedResponse, 'head' | 'framing'>,
    out: ProxyAction[],
    resume: Resume,
  ): void {
    this.phase = 'deciding';
    this.#resume = resume;
    const { status } = head.line;
    // What follows a switch is for the tunnel, which is not open yet.
    const isSwitch =
      status === SWITCHING_PROTOCOLS || opensTunnel(this.exchange.request.method, status);
    const isHeard = !isSwitch && isHeardBehind(framing);
    out.push({ type: 'wait', promise, ...(isHeard && { hears: 'server' }) });
  }

  #checkOver(body: ResponseBody): void {
    if (body.isOver) this.phase = 'done';
  }

  #readHead(bytes: Bytes, at: number, out: ProxyAction[]): number {
    const { plan, exchange } = this;
    const { parsers } = plan.responses;
    const parser = (this.#parser ??= parsers.take());
    const received = parser.read(bytes, at);
    if (received === undefined) return bytes.length;
    this.#parser = undefined;
    const { next } = parser;
    parsers.giveBack(parser);
    const head = plan.responses.strict?.check(received) ?? received;
    plan.responses.known.note(head);
    // Throws for what is malformed before the policy sees it.
    const framing = responseFraming(head, plan.responses.known, exchange.request.method);
    const { status } = head.line;
    if (exchange.parent !== undefined) checkParentAnswer(status);
    if (status === SWITCHING_PROTOCOLS) checkSwitch(head, exchange.upgrade);
    if (status >= 200 || status === SWITCHING_PROTOCOLS) this.#decide(head, framing, out);
    else (this.#interim ??= new InterimResponses(this)).take(head, out);
    return next + this.#besideHead;
  }

  #decide(head: Head<StatusLine>, framing: Framing, out: ProxyAction[]): void {
    const { hasResponseRules, settings } = this.plan;
    const { method } = this.exchange.request;
    const { status } = head.line;
    const rule = hasResponseRules ? responseRuleFor(settings.response, method, status) : undefined;
    if (rule === undefined) this.#forward(head, framing, out);
    else if (typeof rule === 'function') this.#ask(rule, head, framing, out);
    else this.#obey(rule, head, framing, out);
  }

  /** Asks a function of the policy. */
  #ask(rule: AskedRule, head: Head<StatusLine>, framing: Framing, out: ProxyAction[]): void {
    const { plan } = this;
    const asked = new AskedResponse(this, head, framing);
    this.#asked = asked;
    const result = asked.ask(rule);
    if (!isPromise(result)) {
      this.#obey(asAction('response', result), head, framing, out);
      return;
    }
    this.#wait(result, asked, out, (outcome, actions) => {
      const action = asAction('response', settledValue('response policy', outcome));
      plan.responses.known.note(asked.head);
      this.#obey(action, asked.head, framing, actions);
    });
  }

  #obey(action: HttpAction, head: Head<StatusLine>, framing: Framing, out: ProxyAction[]): void {
    this.answer = obey('response', action, this.exchange.request.method);
    if (this.answer === undefined) this.#forward(this.#asked?.changed(head) ?? head, framing, out);
    else this.phase = 'answered';
  }

  #forward(head: Head<StatusLine>, framing: Framing, out: ProxyAction[]): void {
    const { settings, responses, stacks } = this.plan;
    const { method } = this.exchange.request;
    const { status } = head.line;
    if (opensTunnel(method, status)) {
      this.phase = 'switched';
      return;
    }
    if (isTooLong(framing, settings))
      throw new Violation('http.body-too-long', 'server', 'The body is longer than allowed');
    const options = { names: responses.policy.names, side: 'server' } as const;
    const connection = readConnection(head, responses.known, options);
    // From a head that was changed they are gone already, and what the policy made stays.
    const strip = this.#asked?.isChanged === true ? [] : connection.strip;
    const isKept = framing.kind !== 'until-close' && isPersistent(head.line.minor, connection);
    this.keepsServer = isKept && !this.#isServerGone;
    // What follows a switch is another protocol's, and no body.
    const stack = status === SWITCHING_PROTOCOLS ? undefined : stacks?.forResponsesTo(method);
    const accepted = { head, framing, strip, date: missingDate(this, head) };
    if (stack === undefined) this.#sendOn(accepted, out);
    else this.#askForChild(stack, accepted, out);
  }

  /** Asks who looks at the body. */
  #askForChild(stacks: StackPlan, accepted: AcceptedResponse, out: ProxyAction[]): void {
    const { exchange, session } = this;
    const question = { exchange, session, hasBody: hasBody(accepted.framing) };
    const stack = stacks.forResponse(accepted.head, question);
    if (!isPromise(stack)) {
      this.#deliver(accepted, stack, out);
      return;
    }
    const kept = { ...accepted, head: accepted.head.snapshot() };
    this.#wait(stack, kept, out, (outcome, actions) => {
      const answer = settledValue('response stack', outcome);
      this.#deliver(kept, stacks.responseChosen(answer, kept.head, question.hasBody), actions);
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
    how: HowBodyLeaves,
    out: ProxyAction[],
  ): Bytes | undefined {
    const { head, strip, date } = accepted;
    if (this.plan.responses.policy.hasFunctions) this.#answers ??= new FieldAnswers();
    const answers = this.#answers;
    const form = responseForm(this, head.line.status, { strip, answers, date }, how);
    const bytes = writeResponse(head, form);
    const pending = answers?.pending;
    if (pending === undefined) return bytes;
    const kept = { ...accepted, head: head.snapshot() };
    this.#wait(pending, kept, out, (outcome, actions) => {
      answers?.settle(outcome);
      this.#deliver(kept, stack, actions);
    });
    return undefined;
  }

  #sendOn(accepted: AcceptedResponse, out: ProxyAction[]): void {
    const { plan, exchange } = this;
    const { head, framing } = accepted;
    const leaves = leavingFraming(framing, exchange.request.minor, plan.settings);
    const keepsClient = this.#mayKeepClient(leaves);
    // Whoever asks with HEAD, or whether it has changed, is told what would come through the child.
    const stack = plan.stacks?.forResponsesTo(exchange.request.method);
    const edit = framing.kind === 'none' ? stack?.responseEdits(head) : undefined;
    const bytesBeside = head.bytes === this.#taken ? bytesBesideHead(head, framing, plan) : 0;
    const how = { framing: leaves, keepsClient, edit, bytesBeside };
    const bytes = this.#write(accepted, undefined, how, out);
    if (bytes === undefined) return;
    this.keepsClient = keepsClient;
    if (head.line.status === SWITCHING_PROTOCOLS) {
      this.switchHead = copyOf(bytes);
      this.phase = 'switched';
      return;
    }
    out.push({ type: 'send', to: 'client', bytes });
    this.status = head.line.status;
    this.#besideHead = bytesBeside;
    if (bytesBeside > 0) this.phase = 'done';
    else this.#beginBody(directWay(this, leaves, accepted), out);
  }

  #mayKeepClient({ kind }: Framing): boolean {
    // Inside another proxy there is one server connection, and no further one.
    const isLast = this.session.isStacked && (!this.keepsServer || this.exchange.awaitsWord);
    return kind !== 'until-close' && !isLast && this.#client.mayKeepClient(this.exchange);
  }

  /** Gives a response to the child that looks at it. */
  #throughChild(accepted: AcceptedResponse, stack: ChosenStack, out: ProxyAction[]): void {
    const { plan, exchange } = this;
    const { head, framing } = accepted;
    const { status } = head.line;
    if (status === 206) throw new Refused(PARTIAL_CONTENT);
    const edit = plan.stacks?.responseEdits(head);
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
        this.keepsServer &&= this.#body?.isReceived === true;
        this.phase = 'done';
      },
    };
    // There is one child at a time: a server that answers before it has the whole request gets no more of it.
    exchange.stacked?.abandon(out);
    const { minor } = exchange.request;
    const stacked = new StackedResponse({ plan, stack, head: bytes, framing, minor, owner });
    exchange.stacked = stacked.body;
    plan.timer.disarm(out);
    this.#beginBody({ framing, coding: 'plain', stacked }, out);
  }

  #beginBody(way: BodyWay, out: ProxyAction[]): void {
    const body = new ResponseBody(this.plan, way);
    this.#body = body;
    this.phase = 'body';
    body.begin(out);
    this.#checkOver(body);
  }
}

/** The way of a body that no child looks at. */
function directWay(
  surroundings: ResponseSurroundings,
  leaves: Framing,
  { framing, strip }: AcceptedResponse,
): BodyWay {
  const { kind } = leaves;
  const isRechunked = kind === 'chunked' && framing.kind !== 'chunked';
  return {
    framing,
    coding: kind === 'until-close' ? 'plain' : 'same',
    trailers: kind === 'chunked' ? responseTrailers(surroundings, framing, strip) : undefined,
    rechunked: isRechunked ? new OutputBody('client', leaves) : undefined,
  };
}
