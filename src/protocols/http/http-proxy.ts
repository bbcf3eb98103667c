// The HTTP engine: one request at a time from the client, each with its response from the server.
//
//   client  head -> (busy: at the gate, connecting) -> body -> busy: awaiting the response -> head ... -> leaving
//   server  none -> connecting -> busy: request sent, response passing -> idle -> busy ...

import type {
  LogAction,
  ProxyAction,
  ProxyContext,
  ProxyEngine,
  ProxyEvent,
  RestingEngine,
} from '../../proxy/engine.ts';
import type { ProxyCore } from '../../proxy/guard.ts';
import { guard } from '../../proxy/guard.ts';
import { isPromise } from '../../proxy/policy-call.ts';
import type { PolicyFault } from '../../proxy/violation.ts';
import { Violation } from '../../proxy/violation.ts';
import { RATE_TIMER } from './bodies/body-rate.ts';
import type { BodyTransfer } from './bodies/body-transfer.ts';
import type { RequestConsumer } from './client-reader.ts';
import { ClientReader } from './client-reader.ts';
import { CollectedBody, MAX_COLLECTED_BYTES } from './bodies/collected-body.ts';
import { Dialogue } from './dialogue.ts';
import { CLIENT_GONE, close, IDLE, SLOW_READER, STOOD_STILL } from './ending.ts';
import { Exchange } from './exchange.ts';
import { forwardRequest, sendRequest } from './forward-request.ts';
import type { StepResult } from './gate.ts';
import type { Head } from './heads/head.ts';
import type { WaitingServer } from './server-side.ts';
import { SHARE_TIMER } from './server-side.ts';
import { RequestReader } from './incoming-request.ts';
import { problemOf, problemOfFailure, Refused } from './problem.ts';
import { checkServerName } from './server-name-check.ts';
import {
  receiveResponse,
  responseRelayed,
  serverEnded,
  takeChildEvent,
} from './receive-response.ts';
import type { RequestLine } from './heads/request-line.ts';
import type { HttpPlan } from './http-plan.ts';
import { inTunnel } from './tunnel/open-tunnel.ts';

type EventOf<Type extends ProxyEvent['type']> = Extract<ProxyEvent, { type: Type }>;

/** The inside of the HTTP engine. */
export class HttpCore implements ProxyCore, RequestConsumer {
  readonly #dialogue: Dialogue;
  readonly #requests: RequestReader;
  readonly #reader: ClientReader;

  /** `before`: what is left of the engine that rested, if this one goes on for it. */
  constructor(plan: HttpPlan, context: ProxyContext, before?: RestingHttp) {
    const { policy, known } = plan.requests;
    this.#dialogue = new Dialogue(plan, context);
    const { client, server } = this.#dialogue;
    if (before !== undefined) client.goOn(before.requestCount, before.bytes);
    if (before?.server !== undefined) server.goOn(before.server);
    this.#reader = new ClientReader(client, plan.requests, this);
    this.#requests = new RequestReader(plan.settings, context.session, policy.names, known);
  }

  handle(event: ProxyEvent, out: ProxyAction[]): void {
    try {
      this.#dispatch(event, out);
      this.#goOn(out);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#refused(error, out);
    }
  }

  refuse(cause: Violation | PolicyFault, out: ProxyAction[]): void {
    this.#dialogue.tell(problemOf(cause), this.#reader.method, out);
  }

  rest(): RestingEngine | undefined {
    if (!this.#dialogue.isAtRest || this.#reader.isInsideHead) return undefined;
    return new RestingHttp(this.#dialogue);
  }

  /** The accounting line of what is in work. */
  lastWords(reason: string, out: LogAction[]): void {
    const { exchange, farewell, tunnel } = this.#dialogue;
    const response = exchange?.response;
    if (farewell.isSaid) return; // it has its line
    if (tunnel !== undefined) tunnel.lastWords(reason, out);
    else exchange?.log(response?.status ?? 0, response?.bodyBytes ?? 0, out, reason);
  }

  /** The head of a request has come: it goes to the gate. */
  head(received: Head<RequestLine>, out: ProxyAction[]): void {
    const { plan, context } = this.#dialogue;
    const head = plan.requests.strict?.check(received) ?? received;
    const exchange = new Exchange(this.#requests.read(head), head, plan.settings, context.clock);
    this.#dialogue.exchange = exchange;
    checkServerName(this.#dialogue, exchange, out);
    this.#atGate(exchange, plan.gate.enter(exchange, context), out);
  }

  body(): BodyTransfer | undefined {
    return this.#dialogue.exchange?.body;
  }

  bodyComplete(out: ProxyAction[]): void {
    const { client, exchange, plan } = this.#dialogue;
    client.busy(out);
    if (exchange?.body instanceof CollectedBody) this.#collected(exchange, exchange.body, out);
    else if (exchange?.stackedRequest !== undefined) exchange.stackedRequest.complete(out);
    else if (exchange?.response?.hasBegun !== true) plan.timer.forResponse(out);
  }

  #dispatch(event: ProxyEvent, out: ProxyAction[]): void {
    const { farewell, tunnel, plan } = this.#dialogue;
    if (this.#isBeside(event, out)) return;
    if (farewell.isSaid) farewell.handle(event, out);
    else if (takeChildEvent(this.#dialogue, event, out)) return;
    else if (event.type === 'started') plan.timer.forRequest(out);
    else if (event.type === 'resolved') this.#dialogue.resolved(event.outcome, out);
    else if (tunnel !== undefined) inTunnel(this.#dialogue, tunnel, event, out);
    else if (event.type === 'elapsed') this.#elapsed(out);
    else this.#passing(event, out);
  }

  /** What comes beside the messages, in any phase: whether it was that. */
  #isBeside(event: ProxyEvent, out: ProxyAction[]): boolean {
    if (event.type === 'elapsed') return this.#hasElapsed(event, out);
    if (event.type !== 'retired') return false;
    this.#dialogue.retire(this.#reader.isInsideHead, event.wasResting, out);
    return true;
  }

  /** A timer beside the one of the phase: whether it was one. */
  #hasElapsed({ timer, traffic }: EventOf<'elapsed'>, out: ProxyAction[]): boolean {
    const { pace, server } = this.#dialogue;
    if (timer === SHARE_TIMER) server.giveBack(out);
    else if (timer !== RATE_TIMER) return false;
    else if (!pace.isKept(traffic, out)) this.#dialogue.cut(SLOW_READER, out);
    return true;
  }

  /** Events of requests and responses. */
  #passing(event: ProxyEvent, out: ProxyAction[]): void {
    switch (event.type) {
      case 'received':
        if (event.from === 'client') this.#reader.received(event.bytes, out);
        else receiveResponse(this.#dialogue, event, out);
        return;
      case 'ended':
        if (event.from === 'client') this.#clientEnded(event.error, out);
        else serverEnded(this.#dialogue, event.error, out);
        return;
      case 'relayed':
        if (event.from === 'client') this.#reader.relayed(event.bytes, out);
        else responseRelayed(this.#dialogue, event.bytes, out);
        return;
      case 'connected':
        this.#dialogue.server.connected(event.pool);
        sendRequest(this.#dialogue, out);
        return;
      case 'connect-failed':
        this.#dialogue.server.connectFailed();
        throw new Refused(problemOfFailure(event.failure));
      default:
    }
  }

  /** Reads on in bytes that came while the client was busy, once it is not. */
  #goOn(out: ProxyAction[]): void {
    const { client, pace } = this.#dialogue;
    this.#reader.goOn(out);
    if (client.hasEnded && client.isReading) this.#clientEnded(undefined, out);
    else if (out.at(-1)?.type !== 'close') pace.follow(this.#dialogue.exchange, out);
  }

  /** What a step of the gate came to. */
  #atGate(exchange: Exchange, result: StepResult, out: ProxyAction[]): void {
    if (result === undefined) {
      forwardRequest(this.#dialogue, exchange, out);
    } else if (result === 'body') {
      this.#collect(exchange, out);
    } else if (isPromise(result)) {
      this.#dialogue.wait(result, out, (outcome, actions) => {
        const { plan, context } = this.#dialogue;
        plan.requests.known.note(exchange.head);
        this.#atGate(exchange, plan.gate.resume(exchange, outcome, context), actions);
      });
    } else {
      this.#dialogue.answer(result, exchange, out);
    }
  }

  /** Reads the body of a request that is for a step of the gate. */
  #collect(exchange: Exchange, out: ProxyAction[]): void {
    const { framing } = exchange.request;
    if (framing.kind === 'length' && framing.length > MAX_COLLECTED_BYTES)
      throw new Violation('http.body-too-long', 'client', 'The body is longer than allowed');
    exchange.keepHead();
    const body = new CollectedBody(framing);
    exchange.body = body;
    if (body.isComplete) {
      this.#collected(exchange, body, out);
      return;
    }
    exchange.tellToGoOn(out);
    // It is short, and of somebody who is not known yet: it has the time of a head, in all.
    this.#dialogue.plan.timer.forRequest(out);
    this.#dialogue.client.become('body', out);
  }

  #collected(exchange: Exchange, body: CollectedBody, out: ProxyAction[]): void {
    const { plan, context } = this.#dialogue;
    plan.requests.known.note(exchange.head);
    this.#atGate(exchange, plan.gate.resumeWithBody(exchange, body.bytes, context), out);
  }

  #clientEnded(error: string | undefined, out: ProxyAction[]): void {
    const { client } = this.#dialogue;
    // Within a body a reset, so that the server does not take a part of it for all of it.
    if (error !== undefined || client.state === 'body') this.#dialogue.cut(CLIENT_GONE, out);
    else if (client.state === 'busy') client.hasEnded = true;
    else if (this.#reader.isInsideHead)
      throw new Violation('http.incomplete-head', 'client', 'The client ended within a request');
    else this.#dialogue.finish(out);
  }

  #elapsed(out: ProxyAction[]): void {
    const { exchange, client } = this.#dialogue;
    if (this.#dialogue.endLastCall(this.#reader.isInsideHead, out)) return;
    if (exchange?.response?.hasBegun === true) this.#dialogue.cut(STOOD_STILL, out);
    else if (client.state === 'busy')
      throw new Violation('http.response-timeout', 'server', 'The server did not answer in time');
    else if (client.state === 'head' && client.requestCount > 0 && !this.#reader.isInsideHead)
      out.push(close(IDLE));
    else throw new Violation('http.request-timeout', 'client', 'The request did not come in time');
  }

  #refused({ problem }: Refused, out: ProxyAction[]): void {
    const { code, message, kind } = problem;
    out.push({
      type: 'log',
      level: kind === 'policy' || kind === 'content' ? 'policy' : 'info',
      code,
      message,
    });
    this.#dialogue.tell(problem, this.#reader.method, out);
  }
}

/** The engine between two requests. */
class RestingHttp implements RestingEngine {
  readonly requestCount: number;
  /** Bytes of the requests. */
  readonly bytes: number;
  readonly server: WaitingServer | undefined;
  readonly #plan: HttpPlan;
  readonly #context: ProxyContext;

  constructor({ plan, context, client, server }: Dialogue) {
    this.#plan = plan;
    this.#context = context;
    this.requestCount = client.requestCount;
    this.bytes = client.unread.consumed;
    this.server = server.waiting;
  }

  wake(): ProxyEngine {
    return guard(new HttpCore(this.#plan, this.#context, this));
  }
}
