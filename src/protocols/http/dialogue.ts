// One client connection: what the parts of the engine share, and the ways in which it goes on or ends.

import type { Outcome, ProxyAction, ProxyContext } from '../../proxy/engine.ts';
import { ClientPace } from './bodies/client-pace.ts';
import { ClientSide } from './client-side.ts';
import type { Ending } from './ending.ts';
import { close, endingOf, FINISHED } from './ending.ts';
import type { Exchange, Resume } from './exchange.ts';
import { Farewell } from './farewell.ts';
import type { OwnAnswer } from './own-answer.ts';
import { writeAnswer } from './own-answer.ts';
import type { Problem } from './problem.ts';
import { ServerSide } from './server-side.ts';
import type { HttpPlan } from './http-plan.ts';
import type { Tunnel } from './tunnel/tunnel.ts';

/** The state of one client connection. */
export class Dialogue {
  readonly plan: HttpPlan;
  readonly context: ProxyContext;
  readonly client = new ClientSide();
  readonly server: ServerSide;
  readonly farewell: Farewell;
  readonly pace: ClientPace;
  /** The request in work and its response. */
  exchange: Exchange | undefined;
  tunnel: Tunnel | undefined;
  #resume: Resume | undefined;
  /** Whether another request may come. `last-call`: one that is on its way already, and it is not waited for for long. */
  #further: 'yes' | 'last-call' | 'no' = 'yes';

  constructor(plan: HttpPlan, context: ProxyContext) {
    this.plan = plan;
    this.context = context;
    this.server = new ServerSide(plan, context.session);
    this.farewell = new Farewell(plan, context.clock);
    const { settings, timer } = plan;
    this.pace = new ClientPace({ settings, timer, client: this.client });
  }

  /**
   * Waits for a promise of the policy about the request; what comes from the client meanwhile is not read. A server that
   * waits for a request is heard: its end, and bytes that nobody asked for, must not be found behind the request.
   */
  wait(promise: PromiseLike<unknown>, out: ProxyAction[], resume: Resume): void {
    this.exchange?.keepHead();
    this.client.busy(out);
    this.plan.timer.disarm(out);
    const isIdle = this.server.phase === 'idle';
    out.push({ type: 'wait', promise, ...(isIdle && { hears: 'server' }) });
    this.#resume = resume;
  }

  /** What goes on when the promise that a response waits for is settled: it has asked for that by itself. */
  resumeWith(resume: Resume): void {
    this.#resume = resume;
  }

  /** The promise is settled. */
  resolved(outcome: Outcome, out: ProxyAction[]): void {
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.(outcome, out);
  }

  /** Whether the client connection may stay after this request, as far as the client and the settings say. */
  mayKeepClient(exchange: Exchange): boolean {
    const { maxKeepaliveRequests } = this.plan.settings;
    const { method, isPersistent } = exchange.request;
    const isLast = maxKeepaliveRequests > 0 && this.client.requestCount >= maxKeepaliveRequests;
    // What follows a CONNECT was meant for the tunnel, and may be anybody's words, whoever has refused it.
    const isEnd = isLast || this.#further !== 'yes' || method === 'CONNECT' || this.server.isGone;
    return isPersistent && exchange.isRequestComplete && !isEnd;
  }

  /** Answers a request by ourselves; a server that waits for a further request is kept. */
  answer(answer: OwnAnswer, exchange: Exchange, out: ProxyAction[]): void {
    const { method, minor } = exchange.request;
    const keepsClient = this.mayKeepClient(exchange);
    const { clock } = exchange;
    const bytes = writeAnswer(answer, { method, minor, keepsClient, clock });
    const { status, reason = 'http.answered' } = answer;
    if (answer.reason === undefined) {
      const message = 'The policy answered the request itself';
      out.push({ type: 'log', level: 'policy', code: reason, message, fields: { status } });
    }
    exchange.log(status, method === 'HEAD' ? 0 : answer.body.length, out, reason);
    exchange.stacked?.abandon(out);
    this.exchange = undefined;
    out.push({ type: 'send', to: 'client', bytes });
    if (keepsClient) this.nextRequest(out);
    else if (exchange.isRequestComplete && method !== 'CONNECT') this.finish(out);
    else this.linger(FINISHED, out);
  }

  /** Whether the client has an answer to all that it has asked, as far as we have read. */
  get isBetweenRequests(): boolean {
    const { requestCount, state, unread } = this.client;
    return requestCount > 0 && state === 'head' && unread.count === 0;
  }

  /** Whether nothing is under way: all that the client has asked is answered. */
  get isAtRest(): boolean {
    const { client, exchange, farewell, pace, server, tunnel } = this;
    if (exchange !== undefined || tunnel !== undefined || farewell.isSaid) return false;
    if (this.#resume !== undefined || pace.isMeasured) return false;
    return client.isQuiet && server.isQuiet;
  }

  /**
   * No request comes after the one in work, or on its way: to close a connection in the moment in which its client asks for
   * something would leave that unanswered, and a POST nobody sends again. Who has asked nothing yet has one request, too.
   */
  retire(isInsideHead: boolean, wasResting: boolean, out: ProxyAction[]): void {
    if (this.#further === 'yes') this.#further = 'no'; // whoever has had a last call keeps it
    if (!this.isAtRest || !this.isBetweenRequests || isInsideHead) return;
    if (wasResting) {
      this.finish(out);
      return;
    }
    this.#further = 'last-call';
    this.plan.timer.forLastCall(out);
  }

  /** The time is over in which the last request had to begin. False: nobody waited for that. */
  endLastCall(isInsideHead: boolean, out: ProxyAction[]): boolean {
    const isWaiting = this.client.state === 'head' && this.exchange === undefined;
    if (this.#further !== 'last-call' || !isWaiting) return false;
    this.#further = 'no';
    if (isInsideHead) this.plan.timer.forRequest(out);
    else this.finish(out);
    return true;
  }

  /** Reads the next request, where one may come. */
  nextRequest(out: ProxyAction[]): void {
    if (this.#further !== 'yes' && this.client.unread.count === 0) {
      this.finish(out); // though the answer has promised another one: it had begun before
      return;
    }
    this.plan.timer.forRequest(out);
    this.server.waitForRequest(out);
    this.client.become('head', out);
  }

  /** Ends well. */
  finish(out: ProxyAction[]): void {
    this.client.stop();
    this.server.giveBack(out);
    out.push(close(FINISHED));
  }

  /**
   * Tells the client of a problem where there is still a place for that; otherwise cuts off. `method`: of its last
   * request.
   */
  tell(problem: Problem, method: string | undefined, out: ProxyAction[]): void {
    const { exchange } = this;
    const ending = endingOf(problem);
    if (exchange?.response?.hasBegun === true || this.tunnel?.isOpen === true) {
      this.cut(ending, out);
      return;
    }
    exchange?.stacked?.abandon(out);
    this.server.disconnect(out);
    this.exchange = undefined;
    if (this.farewell.tell(problem, { exchange, method }, out)) this.linger(ending, out);
  }

  /** Ends in the middle of a response. */
  cut(ending: Ending, out: ProxyAction[]): void {
    this.farewell.cut(ending, this.exchange, out);
  }

  /** Ends the sending direction, and waits a while for the client to end, too. */
  linger(ending: Ending, out: ProxyAction[]): void {
    this.client.become('leaving', out);
    this.pace.stop(out);
    this.farewell.linger(ending, this.client.unread.count, out);
    if (this.client.hasEnded) this.farewell.close(out);
  }
}
