// SOCKS in front of the HTTP engine: the request of a client becomes the CONNECT that it would be in HTTP, and the answer
// to that becomes a reply. So the same lists, functions, users, ports and services decide, and nothing is decided twice.

import { Buffer } from 'node:buffer';
import type {
  Bytes,
  ConnectFailure,
  LogAction,
  ProxyAction,
  ProxyContext,
  ProxyEvent,
} from '../../proxy/engine.ts';
import type { ProxyCore } from '../../proxy/guard.ts';
import type { PolicyFault } from '../../proxy/violation.ts';
import { Violation } from '../../proxy/violation.ts';
import { connectRequest } from './connect-request.ts';
import { SocksHandshake } from './socks-handshake.ts';
import { grantedBytes, refusedBytes } from './socks-reply.ts';
import { SocksRefused } from './socks-request.ts';

type CloseAction = Extract<ProxyAction, { type: 'close' }>;
type State = 'handshake' | 'asked' | 'open' | 'refused';

/** The inside of the SOCKS engine. */
export class SocksCore implements ProxyCore {
  readonly #http: ProxyCore;
  readonly #handshake: SocksHandshake;
  #state: State = 'handshake';
  readonly #context: ProxyContext;
  /** HTTP has asked who the client is: it may say so again, a client of SOCKS not. */
  #isUnproved = false;
  /** Why the last connect, or the service inside, failed. */
  #failure: ConnectFailure | undefined;

  /** `http` decides; it has had `started`, or gets it through this. Where a user is wanted, clients that can are asked. */
  constructor(http: ProxyCore, context: ProxyContext) {
    this.#http = http;
    this.#context = context;
    this.#handshake = new SocksHandshake(context.authenticator !== undefined);
  }

  handle(event: ProxyEvent, out: ProxyAction[]): void {
    if (event.type === 'connect-failed' || event.type === 'stack-refused')
      this.#failure = event.failure;
    if (this.#state === 'handshake' && 'from' in event && event.from === 'client') {
      if (event.type === 'received') return this.#shakeHands(event.bytes, out);
      if (event.type === 'ended' && event.error === undefined && this.#handshake.version !== 0)
        throw new Violation('socks.incomplete-request', 'client', 'The client ended too soon');
    }
    this.#pass(event, out);
  }

  refuse(problem: Violation | PolicyFault, out: ProxyAction[]): void {
    // What is no request of SOCKS gets no answer, and what still comes is read and ignored.
    if (this.#state === 'handshake') this.#state = 'refused';
    const actions: ProxyAction[] = [];
    this.#http.refuse(problem, actions);
    this.#translate(actions, out);
  }

  lastWords(reason: string, out: LogAction[]): void {
    this.#http.lastWords?.(reason, out);
  }

  #shakeHands(bytes: Bytes, out: ProxyAction[]): void {
    const asked = this.#understood(bytes, out);
    if (asked === undefined) return;
    this.#state = 'asked';
    const head = connectRequest(asked);
    this.#pass({ type: 'received', from: 'client', bytes: Buffer.concat([head, asked.rest]) }, out);
  }

  #understood(bytes: Bytes, out: ProxyAction[]): ReturnType<SocksHandshake['take']> {
    try {
      return this.#handshake.take(bytes, out);
    } catch (error) {
      if (!(error instanceof SocksRefused)) throw error;
      this.#state = 'refused';
      out.push({ type: 'send', to: 'client', bytes: error.reply });
      throw new Violation(error.code, 'client', error.message);
    }
  }

  /** Lets HTTP handle an event; what it did before it threw counts. */
  #pass(event: ProxyEvent, out: ProxyAction[]): void {
    const actions: ProxyAction[] = [];
    try {
      this.#http.handle(event, actions);
    } finally {
      this.#translate(actions, out);
    }
  }

  #translate(actions: readonly ProxyAction[], out: ProxyAction[]): void {
    for (const action of actions) {
      if (this.#state === 'open') out.push(action);
      else if (action.type === 'send' && action.to === 'client') this.#answered(action.bytes, out);
      // The body of an answer that another proxy gave: a client of SOCKS cannot be told it.
      else if (action.type === 'relay' && action.to === 'client') out.push(REFUSED);
      else if (action.type === 'close') this.#closed(action, out);
      else out.push(action);
    }
  }

  #closed(action: CloseAction, out: ProxyAction[]): void {
    if (action.how !== 'reset') this.#refused(NO_STATUS, out);
    out.push(this.#isUnproved ? { ...action, ...UNPROVED } : action);
  }

  /** The first final answer that HTTP gives is that to the CONNECT: hints before it are for clients of HTTP. */
  #answered(bytes: Bytes, out: ProxyAction[]): void {
    if (this.#state !== 'asked') return;
    const status = statusOf(bytes);
    if (status >= 100 && status < 200) return;
    if (status < 200 || status > 299) {
      this.#isUnproved = this.#isQuestion(status);
      this.#refused(status, out);
      return;
    }
    this.#state = 'open';
    const reply = grantedBytes(this.#handshake.version);
    out.push({ type: 'send', to: 'client', bytes: reply });
  }

  /** A policy, or another proxy, may give such an answer too, where nobody has to prove anything here. */
  #isQuestion(status: number): boolean {
    const { authenticator, session } = this.#context;
    const isAsked = authenticator !== undefined && session.user === undefined;
    return isAsked && (status === 401 || status === 407);
  }

  /** Tells the client that there is no connection, once. */
  #refused(status: number, out: ProxyAction[]): void {
    if (this.#state !== 'asked') return;
    this.#state = 'refused';
    const reply = refusedBytes(this.#handshake.version, status, this.#failure);
    out.push({ type: 'send', to: 'client', bytes: reply });
  }
}

const NO_STATUS = 0;

const REFUSED: ProxyAction = {
  type: 'close',
  verdict: 'accepted',
  reason: 'socks.refused',
  message: 'The proxy before the server refused the connection',
};

const UNPROVED = {
  verdict: 'denied-by-policy',
  reason: 'socks.not-authenticated',
  message: 'The client did not prove who it is',
} as const;

const STATUS_AT = 'HTTP/1.1 '.length;

/** The status of an answer of ours. */
function statusOf(bytes: Bytes): number {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, STATUS_AT + 3));
  return Number(text.toString('latin1').slice(STATUS_AT));
}
