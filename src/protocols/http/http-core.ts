// The HTTP engine: one request at a time from the client, each with its response from the server.
//
//   client  head -> (busy: deciding, connecting) -> body -> busy: awaiting the response -> head ... -> leaving
//   server  none -> connecting -> busy: request sent, response passing -> idle -> busy ...

import type {
  Bytes,
  Outcome,
  ProxyAction,
  ProxyContext,
  ProxyEvent,
  Target,
} from '../../proxy/engine.ts';
import type { ProxyCore } from '../../proxy/guard.ts';
import { settledValue } from '../../proxy/policy-call.ts';
import type { PolicyFault } from '../../proxy/violation.ts';
import { Violation } from '../../proxy/violation.ts';
import { BodyTransfer } from './body-transfer.ts';
import { copyOf } from './byte-text.ts';
import { ClientReader } from './client-reader.ts';
import { ClientSide } from './client-side.ts';
import { asAction, decideRequest, methodRefused, obey } from './decision.ts';
import {
  CLIENT_GONE,
  close,
  endingOf,
  FINISHED,
  IDLE,
  SERVER_GONE,
  STOOD_STILL,
} from './ending.ts';
import type { Ending } from './ending.ts';
import { Exchange } from './exchange.ts';
import { Farewell } from './farewell.ts';
import type { Head } from './head.ts';
import { HeadParser } from './head-parser.ts';
import { writeRequest } from './head-forms.ts';
import { RequestReader } from './incoming-request.ts';
import {
  INCOMPLETE_RESPONSE,
  problemOf,
  problemOfFailure,
  Refused,
  SERVER_CLOSED,
} from './problem.ts';
import type { Problem } from './problem.ts';
import type { PhaseTimer } from './phase-timer.ts';
import type { RequestLine } from './request-line.ts';
import type { ResponseTransfer } from './response-transfer.ts';
import { ServerSide } from './server-side.ts';
import type { HttpTools } from './tools.ts';
import { Tunnel } from './tunnel.ts';
import { checkUrl } from './url-filter.ts';

/** The inside of the HTTP engine. */
export class HttpCore implements ProxyCore {
  readonly #tools: HttpTools;
  readonly #context: ProxyContext;
  readonly #requests: RequestReader;
  readonly #server: ServerSide;
  readonly #timer: PhaseTimer;
  readonly #farewell: Farewell;
  readonly #client = new ClientSide();
  readonly #reader: ClientReader;
  #exchange: Exchange | undefined;
  #tunnel: Tunnel | undefined;
  /** What goes on when the promise of a policy function is settled. */
  #resume: ((outcome: Outcome, out: ProxyAction[]) => void) | undefined;

  constructor(tools: HttpTools, context: ProxyContext) {
    const { grammar, table, policy, known } = tools.requests;
    this.#tools = tools;
    this.#context = context;
    this.#reader = new ClientReader(this.#client, new HeadParser(grammar, table), {
      head: (head, out) => this.#beginExchange(head, out),
      body: () => this.#exchange?.body,
      bodyComplete: (out) => this.#requestComplete(out),
    });
    this.#requests = new RequestReader(tools.settings, context.session, policy.names, known);
    this.#server = new ServerSide(tools);
    this.#timer = tools.timer;
    this.#farewell = new Farewell(tools.settings);
  }

  handle(event: ProxyEvent, out: ProxyAction[]): void {
    try {
      this.#dispatch(event, out);
      this.#goOn(out);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#refused(error.problem, out);
    }
  }

  refuse(cause: Violation | PolicyFault, out: ProxyAction[]): void {
    this.#tell(problemOf(cause), out);
  }

  #dispatch(event: ProxyEvent, out: ProxyAction[]): void {
    if (this.#farewell.isSaid) this.#farewell.handle(event, out);
    else if (event.type === 'started') this.#timer.forRequest(out);
    else if (event.type === 'elapsed') this.#elapsed(out);
    else if (event.type === 'resolved') this.#resolved(event.outcome, out);
    else if (this.#tunnel !== undefined) this.#inTunnel(this.#tunnel, event, out);
    else this.#passing(event, out);
  }

  /** Events of requests and responses. */
  #passing(event: ProxyEvent, out: ProxyAction[]): void {
    switch (event.type) {
      case 'received':
        if (event.from === 'client') this.#reader.received(event.bytes, out);
        else this.#fromServer(event.bytes, out);
        return;
      case 'ended':
        if (event.from === 'client') this.#clientEnded(event.error, out);
        else this.#serverEnded(event.error, out);
        return;
      case 'relayed':
        this.#relayed(event.from === 'client', event.bytes, out);
        return;
      case 'connected':
        this.#send(out);
        return;
      case 'connect-failed':
        this.#server.phase = 'none';
        throw new Refused(problemOfFailure(event.failure));
      default:
    }
  }

  /** Reads on in bytes that came while the client was busy, once it is not. */
  #goOn(out: ProxyAction[]): void {
    this.#reader.goOn(out);
    if (this.#client.hasEnded && this.#client.isReading) this.#clientEnded(undefined, out);
  }

  #requestComplete(out: ProxyAction[]): void {
    this.#client.busy(out);
    if (this.#exchange?.response?.hasBegun !== true) this.#timer.forResponse(out);
  }

  #beginExchange(head: Head<RequestLine>, out: ProxyAction[]): void {
    const exchange = new Exchange(this.#requests.read(head), head, this.#tools.settings);
    this.#exchange = exchange;
    const { refusal, session } = this.#context;
    if (refusal !== undefined) throw new Refused(problemOfFailure(refusal));
    const { urlFilter, request } = this.#tools.settings;
    if (urlFilter !== undefined) checkUrl(urlFilter, exchange.request);
    if (this.#tools.keepsRequests) exchange.policyRequest();
    const promise = decideRequest(exchange, request, session);
    if (promise === undefined) this.#forward(exchange, out);
    else this.#waitFor(promise, exchange, out);
  }

  #waitFor(promise: PromiseLike<unknown>, exchange: Exchange, out: ProxyAction[]): void {
    exchange.keepHead();
    this.#client.busy(out);
    this.#timer.disarm(out);
    out.push({ type: 'wait', promise });
    this.#resume = (outcome, actions) => {
      obey('request', asAction('request', settledValue('request policy', outcome)));
      this.#tools.requests.known.note(exchange.head);
      this.#forward(exchange, actions);
    };
  }

  #resolved(outcome: Outcome, out: ProxyAction[]): void {
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.(outcome, out);
  }

  /** The policy has accepted the request. */
  #forward(exchange: Exchange, out: ProxyAction[]): void {
    const { settings, requests, writer } = this.#tools;
    const { session } = this.#context;
    const { request } = exchange;
    const server = this.#server.choose(exchange, session);
    if (request.method === 'CONNECT') {
      this.#openTunnel(exchange, server, out);
      return;
    }
    const context = { session, request: () => exchange.policyRequest(), strip: request.strip };
    exchange.outgoing = writeRequest(
      exchange.head,
      request,
      { writer, policy: requests.policy, context },
      settings.rewriteHostHeader,
    );
    if (this.#server.isReady(server)) {
      this.#send(out);
      return;
    }
    this.#client.busy(out);
    this.#timer.disarm(out);
    this.#server.connect(server, out);
  }

  /** Sends the head of the request and lets its body follow. */
  #send(out: ProxyAction[]): void {
    const exchange = this.#exchange;
    if (exchange?.outgoing === undefined) return;
    out.push({ type: 'send', to: 'server', bytes: exchange.outgoing });
    this.#server.begin(exchange, {
      session: this.#context.session,
      mayKeepClient: () => this.#mayKeepClient(exchange),
    });
    if (exchange.hasNoBody) {
      this.#client.busy(out);
      this.#timer.forResponse(out);
      return;
    }
    exchange.body = new BodyTransfer({
      from: 'client',
      to: 'server',
      coding: 'same',
      framing: exchange.request.framing,
      limits: this.#tools.settings,
    });
    this.#timer.forBody(out);
    this.#client.become('body', out);
  }

  #mayKeepClient(exchange: Exchange): boolean {
    const { maxKeepaliveRequests } = this.#tools.settings;
    const isLast = maxKeepaliveRequests > 0 && this.#reader.requestCount >= maxKeepaliveRequests;
    return exchange.request.isPersistent && exchange.isRequestComplete && !isLast;
  }

  #clientEnded(error: string | undefined, out: ProxyAction[]): void {
    // Within a body a reset, so that the server does not take a part of it for all of it.
    if (error !== undefined || this.#client.state === 'body') out.push(close(CLIENT_GONE, 'reset'));
    else if (this.#client.state === 'busy') this.#client.hasEnded = true;
    else if (this.#reader.isInsideHead)
      throw new Violation('http.incomplete-head', 'client', 'The client ended within a request');
    else this.#finish(out);
  }

  #fromServer(bytes: Bytes, out: ProxyAction[]): void {
    let at = 0;
    const { response } = this.#server;
    if (response !== undefined) at = response.take(bytes, 0, out);
    if (response?.phase === 'deciding') {
      this.#waitForResponse(response, copyOf(bytes, at));
      return;
    }
    this.#checkResponseDone(out);
    // Whatever follows a response would be taken for the answer to the next request (queue poisoning).
    if (at < bytes.length) this.#server.disconnect(out);
    this.#nextRequest(out);
  }

  #waitForResponse(response: ResponseTransfer, rest: Bytes): void {
    this.#resume = (outcome, out) => {
      response.decided(outcome, out);
      this.#checkResponseDone(out);
      this.#fromServer(rest, out);
    };
  }

  #serverEnded(error: string | undefined, out: ProxyAction[]): void {
    const { response } = this.#server;
    const exchange = this.#exchange;
    if (response === undefined || exchange === undefined) {
      this.#server.disconnect(out);
    } else if (response.ended(error)) {
      this.#checkResponseDone(out);
    } else if (response.hasBegun) {
      this.#cut(SERVER_GONE, out);
    } else if (this.#server.mayRetry(exchange)) {
      this.#server.retry(out);
      this.#timer.disarm(out);
    } else {
      throw new Refused(response.isInsideHead ? INCOMPLETE_RESPONSE : SERVER_CLOSED);
    }
  }

  #checkResponseDone(out: ProxyAction[]): void {
    const exchange = this.#exchange;
    const { response } = this.#server;
    if (exchange === undefined || response?.phase !== 'done') return;
    exchange.log(response.status, response.bodyBytes, out);
    this.#exchange = undefined;
    this.#server.finish(response.keepsServer && exchange.isRequestComplete, out);
    if (response.keepsClient) return;
    if (exchange.isRequestComplete) this.#finish(out);
    else this.#linger(FINISHED, out);
  }

  /** After a response, and once what follows it has been looked at. */
  #nextRequest(out: ProxyAction[]): void {
    if (this.#exchange !== undefined || this.#client.state !== 'busy') return;
    this.#timer.forRequest(out);
    this.#client.become('head', out);
  }

  #relayed(isFromClient: boolean, bytes: number, out: ProxyAction[]): void {
    if (!isFromClient) {
      this.#server.response?.relayed(bytes);
      this.#checkResponseDone(out);
      this.#nextRequest(out);
      return;
    }
    this.#reader.relayed(bytes, out);
  }

  #openTunnel(exchange: Exchange, target: Target | undefined, out: ProxyAction[]): void {
    const { connect } = this.#tools.settings;
    if (connect === undefined || target === undefined) throw methodRefused();
    this.#client.busy(out);
    this.#timer.disarm(out);
    this.#server.disconnect(out);
    this.#tunnel = new Tunnel(exchange, connect);
    this.#tunnel.begin(target, out);
  }

  #inTunnel(tunnel: Tunnel, event: ProxyEvent, out: ProxyAction[]): void {
    if (event.type === 'connected') this.#server.phase = 'busy';
    if (event.type === 'stacked') {
      const early = this.#client.unread.take();
      if (early !== undefined) tunnel.keep('client', early.bytes);
    }
    tunnel.handle(event, out);
  }

  #finish(out: ProxyAction[]): void {
    this.#client.stop();
    out.push(close(FINISHED));
  }

  #elapsed(out: ProxyAction[]): void {
    if (this.#exchange?.response?.hasBegun === true) this.#cut(STOOD_STILL, out);
    else if (this.#client.state === 'busy')
      throw new Violation('http.response-timeout', 'server', 'The server did not answer in time');
    else if (
      this.#client.state === 'head' &&
      this.#reader.requestCount > 0 &&
      !this.#reader.isInsideHead
    )
      out.push(close(IDLE));
    else throw new Violation('http.request-timeout', 'client', 'The request did not come in time');
  }

  #refused(problem: Problem, out: ProxyAction[]): void {
    const { code, message, kind } = problem;
    out.push({ type: 'log', level: kind === 'policy' ? 'policy' : 'info', code, message });
    this.#tell(problem, out);
  }

  #tell(problem: Problem, out: ProxyAction[]): void {
    const exchange = this.#exchange;
    const ending = endingOf(problem);
    if (exchange?.response?.hasBegun === true || this.#tunnel?.isOpen === true) {
      this.#farewell.cut(ending, exchange, out);
      return;
    }
    this.#server.disconnect(out);
    this.#exchange = undefined;
    if (this.#farewell.tell(problem, exchange, out)) this.#linger(ending, out);
  }

  #cut(ending: Ending, out: ProxyAction[]): void {
    this.#farewell.cut(ending, this.#exchange, out);
  }

  #linger(ending: Ending, out: ProxyAction[]): void {
    this.#client.become('leaving', out);
    this.#farewell.linger(ending, this.#client.unread.count, out);
    if (this.#client.hasEnded) this.#farewell.close(out);
  }
}
