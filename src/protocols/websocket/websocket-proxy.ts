// The WebSocket engine: frames of both sides, after the handshake (RFC 6455, 5). It is stacked in the HTTP proxy, which
// checks the handshake.

import type { Bytes, Outcome, ProxyAction, ProxyContext, ProxyEvent } from '../../proxy/engine.ts';
import type { ProxyCore } from '../../proxy/guard.ts';
import { actionOf, verdictOf } from '../../proxy/policy-action.ts';
import { callPolicy, invalidResult, isPromise, settledValue } from '../../proxy/policy-call.ts';
import type { PolicyFault } from '../../proxy/violation.ts';
import { Violation } from '../../proxy/violation.ts';
import {
  BAD_DATA,
  closePayload,
  GOING_AWAY,
  NOT_ACCEPTABLE,
  POLICY_REFUSES,
  PROTOCOL_ERROR,
  PROXY_FAILED,
  TOO_LONG,
} from './close-payload.ts';
import { CLOSE, frameBytes } from './frame.ts';
import type { WholeMessage } from './frame-flow.ts';
import { FrameFlow } from './frame-flow.ts';
import { MessageView } from './message-view.ts';
import type { WebSocketAnswer, WebSocketSettings } from './settings.ts';

type EventOf<Type extends ProxyEvent['type']> = Extract<ProxyEvent, { type: Type }>;
type Ending = Omit<Extract<ProxyAction, { type: 'close' }>, 'type'>;

const RULE = 'message function of webSocketProxy';
const ANSWERS: readonly unknown[] = ['accept', 'drop', 'reject', 'abort'];

/** After both Close frames the server ends the connection (RFC 6455, 7.1.1); one that does not is not waited for. */
const CLOSING_MS = 10_000;

/** Status codes for violations; for all others it is `PROTOCOL_ERROR`. */
const CLOSE_CODES: Readonly<Record<string, number>> = {
  'websocket.bad-utf8': BAD_DATA,
  'websocket.frame-refused': NOT_ACCEPTABLE,
  'websocket.frame-too-long': TOO_LONG,
  'websocket.message-too-long': TOO_LONG,
};

/** The inside of the WebSocket engine. */
export class WebSocketCore implements ProxyCore {
  readonly #settings: WebSocketSettings;
  readonly #context: ProxyContext;
  readonly #client: FrameFlow;
  readonly #server: FrameFlow;
  #endedSides: readonly string[] = [];
  /** What a promise of the policy is about, with the bytes that came behind it. */
  #asking:
    { readonly flow: FrameFlow; readonly whole: WholeMessage; readonly rest: Bytes } | undefined;

  constructor(settings: WebSocketSettings, context: ProxyContext) {
    this.#settings = settings;
    this.#context = context;
    this.#client = new FrameFlow('client', settings);
    this.#server = new FrameFlow('server', settings);
  }

  handle(event: ProxyEvent, out: ProxyAction[]): void {
    switch (event.type) {
      case 'started':
        return this.#start(out);
      case 'connected':
        return this.#connected(out);
      case 'connect-failed':
        out.push({ type: 'close', ...event.failure });
        return;
      case 'received':
        return this.#received(event, out);
      case 'relayed':
        this.#flowOf(event.from)?.relayed(event.bytes, out);
        return;
      case 'ended':
        return this.#ended(event, out);
      case 'resolved':
        return this.#resolved(event.outcome, out);
      case 'elapsed':
        return this.#elapsed(event.timer, out);
      default: // nothing is stacked here, and nobody is expected
    }
  }

  refuse(problem: Violation | PolicyFault, out: ProxyAction[]): void {
    const { code, message } = problem;
    const isViolation = problem instanceof Violation;
    const status = isViolation ? (CLOSE_CODES[code] ?? PROTOCOL_ERROR) : PROXY_FAILED;
    // What failed inside the policy is no business of the peers.
    this.#sayClose(status, isViolation ? message : 'A function of the policy failed', out);
  }

  #start(out: ProxyAction[]): void {
    const { refusal } = this.#context;
    if (refusal !== undefined) out.push({ type: 'close', ...refusal });
    else out.push({ type: 'hold', from: 'client' }, { type: 'connect', port: 'server' });
  }

  #connected(out: ProxyAction[]): void {
    const { timeoutMs } = this.#settings;
    out.push({ type: 'timer', timer: 'idle', afterMs: timeoutMs, mode: 'idle' });
    out.push({ type: 'release', from: 'client' });
  }

  #received({ from, bytes }: EventOf<'received'>, out: ProxyAction[]): void {
    const flow = this.#flowOf(from);
    if (flow !== undefined) this.#take(flow, bytes, out);
  }

  #take(flow: FrameFlow, bytes: Bytes, out: ProxyAction[]): void {
    for (let at = 0; at < bytes.length;) {
      at = flow.take(bytes, at, out);
      const { whole } = flow;
      if (whole === undefined) continue;
      flow.whole = undefined;
      const answer = this.#ask(flow, whole);
      if (isPromise(answer)) {
        this.#asking = { flow, whole, rest: Uint8Array.from(bytes.subarray(at)) };
        out.push({ type: 'wait', promise: answer });
        return;
      }
      if (!this.#obey(answer, { flow, whole }, out)) return;
    }
    if (this.#client.hasClosed && this.#server.hasClosed)
      out.push({ type: 'timer', timer: 'closing', afterMs: CLOSING_MS, mode: 'total' });
  }

  #ask({ from }: FrameFlow, whole: WholeMessage): unknown {
    const { message } = this.#settings;
    return callPolicy(RULE, () => message?.(new MessageView(from, whole), this.#context.session));
  }

  #resolved(outcome: Outcome, out: ProxyAction[]): void {
    const asking = this.#asking;
    this.#asking = undefined;
    if (asking === undefined) return;
    if (this.#obey(settledValue(RULE, outcome), asking, out))
      this.#take(asking.flow, asking.rest, out);
  }

  /** Does what the policy says of a message; false if that ends the session. */
  #obey(
    answer: unknown,
    { flow, whole }: { readonly flow: FrameFlow; readonly whole: WholeMessage },
    out: ProxyAction[],
  ): boolean {
    if (!isAnswer(answer))
      throw invalidResult(RULE, answer, 'accept(), drop(), reject() or abort()');
    if (answer.action === 'accept') flow.forward(whole, out);
    if (answer.action === 'accept' || answer.action === 'drop') return true;
    const reason = 'websocket.message-refused';
    const message = answer.text ?? 'The policy does not permit this message';
    out.push({ type: 'log', level: 'policy', code: reason, message, fields: { from: flow.from } });
    this.#sayClose(POLICY_REFUSES, message, out);
    out.push({ type: 'close', verdict: verdictOf(answer), reason, message });
    return false;
  }

  #ended({ from, error }: EventOf<'ended'>, out: ProxyAction[]): void {
    const flow = this.#flowOf(from);
    if (flow === undefined || this.#endedSides.includes(from)) return;
    if (error !== undefined) {
      const message = `The ${from} broke the connection off`;
      out.push({ type: 'close', ...accepted(`websocket.${from}-reset`, message), how: 'reset' });
      return;
    }
    if (flow.isIncomplete)
      throw new Violation('websocket.incomplete-message', flow.from, 'A message was broken off');
    this.#endedSides = [...this.#endedSides, from];
    flow.hasClosed = true;
    out.push({ type: 'end', to: flow.to });
    if (this.#endedSides.length === 2) out.push({ type: 'close', ...FINISHED });
  }

  #elapsed(timer: string, out: ProxyAction[]): void {
    if (timer === 'closing') out.push({ type: 'close', ...FINISHED });
    if (timer !== 'idle') return;
    this.#sayClose(GOING_AWAY, TIMED_OUT.message, out);
    out.push({ type: 'close', ...TIMED_OUT });
  }

  /** Tells both sides, as far as a frame has a place there now. */
  #sayClose(status: number, reason: string, out: ProxyAction[]): void {
    const payload = closePayload(status, reason);
    for (const flow of [this.#server, this.#client]) {
      // A proxy has no chance to make a key of: it takes that of the client, and without one it only ends.
      const isMute = flow.to === 'server' && flow.key === undefined;
      if (flow.hasClosed || flow.isWithinFrame || isMute) continue;
      flow.hasClosed = true;
      out.push({ type: 'send', to: flow.to, bytes: frameBytes(CLOSE, payload, flow.key) });
    }
  }

  #flowOf(port: string): FrameFlow | undefined {
    if (port === 'client') return this.#client;
    return port === 'server' ? this.#server : undefined;
  }
}

function isAnswer(value: unknown): value is WebSocketAnswer {
  return ANSWERS.includes(actionOf(value));
}

function accepted(reason: string, message: string): Ending & { readonly message: string } {
  return { verdict: 'accepted', reason, message };
}

const FINISHED = accepted('websocket.finished', 'Both sides ended the connection');
const TIMED_OUT = accepted('websocket.timeout', 'Nothing moved for as long as the policy allows');
