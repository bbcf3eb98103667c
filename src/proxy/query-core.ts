// The engine of protocols in which the client asks in one line and the server answers in lines until it ends: finger and
// whois. The protocols say how a request is read, checked and written.

import { Buffer } from 'node:buffer';
import { textLines, toldLine } from './client-text.ts';
import type {
  Bytes,
  ConnectFailure,
  ProxyAction,
  ProxyContext,
  ProxyEvent,
  Target,
} from './engine.ts';
import type { ProxyCore } from './guard.ts';
import { LineReader } from './line-reader.ts';
import { actionOf } from './policy-action.ts';
import { callPolicy, invalidResult, isPromise, settledValue } from './policy-call.ts';
import type { QueryRule } from './query-settings.ts';
import type { Verdict } from './verdict.ts';
import { PolicyFault, Violation } from './violation.ts';

/** What makes a protocol of it. Texts have one character a byte. */
export interface QueryProtocol<Request> {
  /** The protocol: first part of all reason codes, and the name of the timer. */
  readonly name: string;
  /** Bytes of the request line without its end. */
  readonly maxRequestLength: number;
  readonly settings: QuerySettings;
  readonly rule: QueryRule<Request> | undefined;
  /** Understands the line of a client; throws a Violation for anything in doubt. It is frozen: the policy sees it. */
  read(line: string, context: ProxyContext): Request;
  /** Whether this has the form of a request: what a function of the policy made is not trusted to. */
  isRequest(value: unknown): value is Request;
  /** The request in its canonical form, without the line end. */
  write(request: Request): string;
  /** The server that the request names, if it names one. */
  serverOf(request: Request): Target | undefined;
}

/** The settings that the engine itself goes by. */
export interface QuerySettings {
  readonly timeoutMs: number;
  readonly maxLineLength: number;
  readonly responseHeader: string;
  readonly responseFooter: string;
}

type EventOf<Type extends ProxyEvent['type']> = Extract<ProxyEvent, { type: Type }>;

/** `new`: not started, or refused. `asking`: a promise of the policy is waited for. */
type Phase = 'new' | 'reading' | 'asking' | 'connecting' | 'answering';

const CRLF: Bytes = Buffer.from('\r\n');
const NOTHING: Bytes = Buffer.alloc(0);
const EXPECTED = 'accept(), acceptAs(), reject(), abort() or drop()';

/** The inside of the engine. */
export class QueryCore<Request> implements ProxyCore {
  readonly #protocol: QueryProtocol<Request>;
  readonly #context: ProxyContext;
  readonly #client: LineReader;
  readonly #server: LineReader;
  #phase: Phase = 'new';
  #request: Request | undefined;
  #line: Bytes = NOTHING;
  #hasAnswered = false;

  constructor(protocol: QueryProtocol<Request>, context: ProxyContext) {
    const { name, maxRequestLength, settings } = protocol;
    this.#protocol = protocol;
    this.#context = context;
    this.#client = new LineReader({ protocol: name, side: 'client', maxLength: maxRequestLength });
    this.#server = new LineReader({
      ...{ protocol: name, side: 'server' },
      maxLength: settings.maxLineLength,
    });
  }

  handle(event: ProxyEvent, out: ProxyAction[]): void {
    switch (event.type) {
      case 'started':
        return this.#start(out);
      case 'received':
        return this.#receive(event, out);
      case 'ended':
        return this.#end(event, out);
      case 'resolved':
        return this.#resume(event, out);
      case 'connected':
        return this.#connected(out);
      case 'connect-failed':
        return this.#connectFailed(event.failure, out);
      case 'elapsed':
        return this.#elapse(out);
      default:
        return; // nothing is relayed or stacked
    }
  }

  refuse(problem: Violation | PolicyFault, out: ProxyAction[]): void {
    // What failed inside the policy is no business of the client: it is in the log.
    const isFault = problem instanceof PolicyFault;
    tell(isFault ? 'A function of the policy failed' : problem.message, out);
  }

  #start(out: ProxyAction[]): void {
    const { refusal } = this.#context;
    if (refusal !== undefined) return this.#fail(refusal, out);
    if (this.#phase !== 'new') return;
    this.#phase = 'reading';
    // In all, so that a byte now and then does not help a client that only wants to stay (slowloris).
    this.#arm('total', out);
  }

  #receive({ from, bytes }: EventOf<'received'>, out: ProxyAction[]): void {
    if (from === 'client' && this.#phase === 'reading') {
      // What comes behind the line is no part of the protocol: it is thrown away, and more of it is not even read.
      const line = this.#client.read(bytes, 0);
      if (line !== undefined) this.#decide(line.bytes, out);
    } else if (from === 'server' && this.#phase === 'answering') this.#answer(bytes, out);
  }

  #end({ from, error }: EventOf<'ended'>, out: ProxyAction[]): void {
    if (from === 'client') this.#clientEnded(error, out);
    else if (from === 'server' && this.#phase === 'answering') this.#serverEnded(error, out);
  }

  #clientEnded(error: string | undefined, out: ProxyAction[]): void {
    if (error !== undefined)
      return this.#close('client-gone', 'The client broke the connection off', out);
    if (this.#phase !== 'reading') return;
    const line = this.#client.end();
    if (line === undefined) this.#close('no-request', 'The client asked for nothing', out);
    else this.#decide(line.bytes, out);
  }

  #decide(line: Bytes, out: ProxyAction[]): void {
    const { name, rule } = this.#protocol;
    const text = Buffer.from(line).toString('latin1');
    const request = this.#protocol.read(text, this.#context);
    out.push({ type: 'hold', from: 'client' });
    this.#disarm(out);
    out.push({
      ...{ type: 'log', level: 'accounting', code: `${name}.request`, message: 'A request came' },
      fields: { request: this.#protocol.write(request) },
    });
    if (rule === undefined) return this.#connect(request, out);
    const answer = callPolicy(this.#hook, () => rule(request, this.#context.session));
    this.#request = request;
    if (!isPromise(answer)) return this.#obey(answer, request, out);
    this.#phase = 'asking';
    out.push({ type: 'wait', promise: answer });
  }

  #resume({ outcome }: EventOf<'resolved'>, out: ProxyAction[]): void {
    if (this.#phase !== 'asking' || this.#request === undefined) return;
    this.#obey(settledValue(this.#hook, outcome), this.#request, out);
  }

  #obey(answer: unknown, request: Request, out: ProxyAction[]): void {
    switch (actionOf(answer)) {
      case 'accept':
        return this.#connect(request, out);
      case 'accept-as':
        return this.#connect(this.#changed(answer), out);
      case 'reject':
        return this.#refused(answer, 'denied-by-policy', out);
      case 'abort':
        return this.#refused(answer, 'aborted-by-policy-action', out);
      case 'drop': {
        const reason = `${this.#protocol.name}.request-dropped`;
        const message = 'The policy ended the session without a word';
        out.push({ type: 'close', verdict: 'denied-by-policy', reason, message });
        return;
      }
      default:
        throw invalidResult(this.#hook, answer, EXPECTED);
    }
  }

  #changed(answer: unknown): Request {
    const changed = fieldOf(answer, 'request');
    if (callPolicy(this.#hook, () => this.#protocol.isRequest(changed)) === true)
      return changed as Request; // that is what was asked
    throw invalidResult(this.#hook, changed, 'acceptAs() with a request that can be written');
  }

  #refused(answer: unknown, verdict: Verdict, out: ProxyAction[]): void {
    const text = fieldOf(answer, 'text');
    const message = typeof text === 'string' ? text : 'The policy does not permit this request';
    this.#fail({ verdict, reason: `${this.#protocol.name}.request-refused`, message }, out);
  }

  /** Writes the request before anybody can change it any more, and connects. */
  #connect(request: Request, out: ProxyAction[]): void {
    const target = this.#protocol.serverOf(request);
    this.#phase = 'connecting';
    this.#line = Buffer.from(`${this.#protocol.write(request)}\r\n`, 'latin1');
    const connect = { type: 'connect', port: 'server' } as const;
    out.push(target === undefined ? connect : { ...connect, target });
  }

  #connected(out: ProxyAction[]): void {
    if (this.#phase !== 'connecting') return;
    this.#phase = 'answering';
    out.push({ type: 'send', to: 'server', bytes: this.#line });
    this.#arm('idle', out);
  }

  #connectFailed(failure: ConnectFailure, out: ProxyAction[]): void {
    if (this.#phase === 'connecting') this.#fail(failure, out);
  }

  #answer(bytes: Bytes, out: ProxyAction[]): void {
    const parts: Bytes[] = [];
    let at = 0;
    try {
      for (let line; (line = this.#server.read(bytes, at)) !== undefined; at = this.#server.next)
        parts.push(line.bytes, CRLF);
    } finally {
      // Whole lines before one that is refused have passed, in whatever chunks they came.
      if (parts.length > 0) this.#say(parts, out);
    }
  }

  #serverEnded(error: string | undefined, out: ProxyAction[]): void {
    if (error !== undefined)
      return this.#failedServer('server-gone', 'The server broke the connection off', out);
    const last = this.#server.end();
    const { responseFooter } = this.#protocol.settings;
    const rest = last === undefined ? [] : [last.bytes, CRLF];
    this.#say([...rest, textLines(responseFooter)], out);
    this.#close('finished', 'The answer is complete', out);
  }

  /** Says a part of the answer; the header goes before the first one, so that a failure can still come in its place. */
  #say(parts: readonly Bytes[], out: ProxyAction[]): void {
    const header = this.#hasAnswered ? [] : [textLines(this.#protocol.settings.responseHeader)];
    this.#hasAnswered = true;
    const bytes = Buffer.concat([...header, ...parts]);
    if (bytes.length > 0) out.push({ type: 'send', to: 'client', bytes });
  }

  #elapse(out: ProxyAction[]): void {
    const { name } = this.#protocol;
    if (this.#phase === 'reading')
      throw new Violation(`${name}.request-timeout`, 'client', 'No request came in time');
    if (this.#phase === 'answering')
      this.#failedServer('answer-timeout', 'The server did not go on with its answer', out);
  }

  #failedServer(rule: string, message: string, out: ProxyAction[]): void {
    const verdict = 'denied-by-connection-fail';
    this.#fail({ verdict, reason: `${this.#protocol.name}.${rule}`, message }, out);
  }

  /** Tells the client why, also in the middle of an answer: what has passed of it are whole lines. */
  #fail({ verdict, reason, message }: ConnectFailure, out: ProxyAction[]): void {
    tell(message, out);
    out.push({ type: 'close', verdict, reason, message });
  }

  #close(rule: string, message: string, out: ProxyAction[]): void {
    const reason = `${this.#protocol.name}.${rule}`;
    out.push({ type: 'close', verdict: 'accepted', reason, message });
  }

  #arm(mode: 'total' | 'idle', out: ProxyAction[]): void {
    const { name, settings } = this.#protocol;
    out.push({ type: 'timer', timer: name, afterMs: settings.timeoutMs, mode });
  }

  /** While somebody else measures: a function of the policy, the connection to the server. */
  #disarm(out: ProxyAction[]): void {
    out.push({ type: 'timer', timer: this.#protocol.name, afterMs: undefined, mode: 'total' });
  }

  get #hook(): string {
    return `${this.#protocol.name}Request function`;
  }
}

function tell(message: string, out: ProxyAction[]): void {
  out.push({ type: 'send', to: 'client', bytes: toldLine(message) });
}

/** A field of what a function of the policy returned, which may be anything. */
function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  const field: unknown = Reflect.get(value, name);
  return field;
}
