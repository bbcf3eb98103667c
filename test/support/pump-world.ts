// The surroundings of one real pump in tests: an engine that is a function, streams whose peers the test plays, and a
// clock that the test moves.
import { AlarmQueue } from '../../src/session/alarm-queue.ts';
import { SocketAddress } from '../../src/address/socket-address.ts';
import type {
  Channel,
  ExpectRequest,
  LogAction,
  PeerSide,
  Port,
  ProxyAction,
  ProxyEvent,
  StackedChild,
  ServerRequest,
  Target,
} from '../../src/proxy/engine.ts';
import type { ContentHint } from '../../src/proxy/content-hint.ts';
import type { ContentWord } from '../../src/proxy/content-verdict.ts';
import type { Verdict } from '../../src/proxy/verdict.ts';
import type {
  ByteCounts,
  ChildListener,
  ChildWord,
  ConnectionClaimer,
  ExpectWatcher,
  PumpHost,
  RunningChild,
  SecureResult,
  ServerResult,
  StackRequest,
} from '../../src/session/pump-host.ts';
import type { PumpBounds } from '../../src/session/pump-bounds.ts';
import { Pump } from '../../src/session/pump.ts';
import type { Stream } from '../../src/session/stream.ts';
import { AskedStack } from './asked-stack.ts';
import type { FakeStreamOptions } from './fake-stream.ts';
import { FakeStream } from './fake-stream.ts';
import { toBytes } from './latin1.ts';
import type { Wire } from './latin1.ts';
import { ManualClock } from './manual-clock.ts';
import { SERVER_DOWN } from './playbook-events.ts';
import { showEvent } from './show-action.ts';

/** What an engine of a test does at an event. */
export type Handler = (event: ProxyEvent) => readonly ProxyAction[];
/** Answers by the type of the event; what is not there is answered with nothing. */
export type Answers = {
  readonly [Type in ProxyEvent['type']]?:
    | readonly ProxyAction[]
    | ((event: Extract<ProxyEvent, { type: Type }>) => readonly ProxyAction[]);
};

/** A connect that the pump asked for. */
export interface AskedConnect {
  readonly target: Target | undefined;
  readonly done: (result: ServerResult) => void;
  isGivenUp: boolean;
}

/** TLS that the pump asked for. */
export interface AskedSecure {
  readonly port: PeerSide;
  readonly stream: Stream;
  readonly done: (result: SecureResult) => void;
  isGivenUp: boolean;
}

/** An expectation that the pump asked for. */
export interface AskedExpect {
  readonly request: ExpectRequest;
  readonly watcher: ExpectWatcher;
  isGivenUp: boolean;
}

/** A claim that the pump asked for. */
export interface AskedClaim {
  readonly claimer: ConnectionClaimer;
  isOver: boolean;
}

/** Bounds under which streams that can move bytes do so after short reads, but not after the shortest. */
export const MOVING: PumpBounds = { lingerMs: 10_000, maxDiscardedBytes: 262_144, minMovedRead: 4 };

/** Where every connect of a world leads. */
export const SERVER_ADDRESS = SocketAddress.parse('192.0.2.80:80');

/** Where further connections of the client come from, and where they come to. */
export const CLIENT_ADDRESSES = {
  clientAddress: SocketAddress.parse('10.1.2.3:40001'),
  clientLocal: SocketAddress.parse('192.0.2.254:50001'),
};

/** One pump, its streams and everything that it said. */
export class PumpWorld implements PumpHost {
  readonly clock = new ManualClock();
  readonly alarms = new AlarmQueue(this.clock);
  readonly client: FakeStream;
  readonly streams: FakeStream[];
  readonly connects: AskedConnect[] = [];
  readonly secures: AskedSecure[] = [];
  readonly expects: AskedExpect[] = [];
  readonly claims: AskedClaim[] = [];
  /** Server connections that the pump has given back. */
  readonly givenBack: Stream[] = [];
  readonly stacks: AskedStack[] = [];
  /** What the engine was told, as lines. */
  readonly events: string[] = [];
  readonly logged: string[] = [];
  readonly closings: string[] = [];
  readonly finishings: ByteCounts[] = [];
  readonly pump: Pump;
  /** What the engine said to its parent. */
  readonly words: string[] = [];
  /** The codes of what the engine says when others end the session; their reason follows. */
  lastWords: readonly string[] = [];
  /** Refuses the next stacks. */
  refusesStack = false;
  /** Lets the test start the next stacks. */
  delaysStack = false;
  readonly #options: FakeStreamOptions;

  constructor(handle: Handler | Answers, options: FakeStreamOptions = {}) {
    this.#options = options;
    this.client = new FakeStream(options);
    this.streams = [this.client];
    const answer: Handler = typeof handle === 'function' ? handle : (event) => at(handle, event);
    const engine = {
      handle: (event: ProxyEvent): ProxyAction[] => {
        this.events.push(showEvent(event));
        return [...answer(event)];
      },
      lastWords: (reason: string) => this.lastWords.map((code) => act.log(`${code} ${reason}`)),
    };
    this.pump = new Pump(engine, this, options.moves === true ? MOVING : undefined);
  }

  start(): this {
    this.pump.start(this.client);
    return this;
  }

  /** Lets the last connect succeed. */
  connected(options: FakeStreamOptions = this.#options): FakeStream {
    const stream = this.stream(options);
    this.connects.at(-1)?.done({ ok: true, stream, address: SERVER_ADDRESS });
    return stream;
  }

  /** Lets the last connect fail. */
  connectFails(): void {
    this.connects.at(-1)?.done({ ok: false, failure: SERVER_DOWN });
  }

  /** The last expectation is met. */
  met(options: FakeStreamOptions = this.#options): FakeStream {
    const stream = this.stream(options);
    this.expects.at(-1)?.watcher.accepted({ stream, ...CLIENT_ADDRESSES });
    return stream;
  }

  /** A further connection of the client comes; undefined if nobody claims it. */
  claimed(options: FakeStreamOptions = this.#options): FakeStream | undefined {
    const claim = this.claims.find(({ isOver }) => !isOver);
    const port = claim?.claimer.freePort();
    if (claim === undefined || port === undefined) return undefined;
    const stream = this.stream(options);
    claim.claimer.accepted(port, { stream, ...CLIENT_ADDRESSES });
    return stream;
  }

  /** A stream that `settle` knows. */
  stream(options: FakeStreamOptions = this.#options): FakeStream {
    const stream = new FakeStream(options);
    this.streams.push(stream);
    return stream;
  }

  /** Lets the streams say all that is due, in turns. */
  settle(): this {
    while (this.streams.some((stream) => stream.step()));
    return this;
  }

  /** What the engine was told since the last call. */
  heard(): string[] {
    return this.events.splice(0);
  }

  /** What is not as it must be once a session is over; empty if all is well. */
  leftovers(): string[] {
    const left: string[] = [];
    if (this.closings.length !== 1) left.push(`closed ${this.closings.length} times`);
    if (this.finishings.length !== 1) left.push(`finished ${this.finishings.length} times`);
    if (this.clock.armed > 0) left.push(`${this.clock.armed} timers`);
    for (const stream of this.streams) if (!stream.isClosed) left.push('an open stream');
    const last = this.stacks.at(-1);
    if (last?.isAborted === false) left.push('a child');
    for (const { isOver } of this.claims) if (!isOver) left.push('a claim');
    return left;
  }

  connect({ target }: ServerRequest, done: (result: ServerResult) => void): () => void {
    const asked: AskedConnect = { target, done, isGivenUp: false };
    this.connects.push(asked);
    return () => {
      asked.isGivenUp = true;
    };
  }

  secure(port: PeerSide, stream: Stream, done: (result: SecureResult) => void): () => void {
    const asked: AskedSecure = { port, stream, done, isGivenUp: false };
    this.secures.push(asked);
    return () => {
      asked.isGivenUp = true;
    };
  }

  giveBack(stream: Stream): void {
    this.givenBack.push(stream);
  }

  expect(request: ExpectRequest, watcher: ExpectWatcher): () => void {
    const asked: AskedExpect = { request, watcher, isGivenUp: false };
    this.expects.push(asked);
    return () => {
      asked.isGivenUp = true;
    };
  }

  claim(claimer: ConnectionClaimer): () => void {
    const asked: AskedClaim = { claimer, isOver: false };
    this.claims.push(asked);
    return () => {
      asked.isOver = true;
    };
  }

  stack(request: StackRequest, listener: ChildListener): RunningChild {
    const asked = new AskedStack(request, listener, () => this.stream());
    if (this.refusesStack) {
      listener.refused(SERVER_DOWN);
      return asked;
    }
    this.stacks.push(asked);
    if (!this.delaysStack) asked.start();
    return asked;
  }

  sayToParent(word: ChildWord): void {
    this.words.push(showEvent(word));
  }

  log(level: string, code: string): void {
    this.logged.push(`${level} ${code}`);
  }

  closed(verdict: Verdict, reason: string): void {
    this.closings.push(`${verdict} ${reason}`);
  }

  finished(bytes: ByteCounts): void {
    this.finishings.push(bytes);
  }
}

function at(answers: Answers, event: ProxyEvent): readonly ProxyAction[] {
  const answer = answers[event.type];
  // The table has, for each type of event, a function that takes that type.
  return typeof answer === 'function' ? (answer as Handler)(event) : (answer ?? []);
}

/** A world whose engine is connected; what was heard until then is forgotten. */
export function connectedWorld(
  answers: Answers,
  options: FakeStreamOptions = {},
): { world: PumpWorld; server: FakeStream } {
  const world = new PumpWorld({ started: [act.connect()], ...answers }, options).start();
  const server = world.connected();
  world.heard();
  return { world, server };
}

/** A service whose proxy is never made: the world makes the child. */
export const CHILD: StackedChild = { kind: 'service', name: 'child' };

/** The actions of engines in tests. */
export const act = {
  send: (to: Port, wire: Wire): ProxyAction => ({ type: 'send', to, bytes: toBytes(wire) }),
  end: (to: Port): ProxyAction => ({ type: 'end', to }),
  connect: (port: Port = 'server', target?: Target): ProxyAction =>
    target === undefined ? { type: 'connect', port } : { type: 'connect', port, target },
  expect: (port: Channel = 'client#1', more: Partial<ExpectRequest> = {}): ProxyAction => ({
    type: 'expect',
    port,
    timeoutMs: 1000,
    ...more,
  }),
  claim: (max = 1): ProxyAction => ({ type: 'claim', side: 'client', max }),
  disconnect: (port: Port = 'server'): ProxyAction => ({ type: 'disconnect', port }),
  relay: (from: Port, to: Port, length = Infinity): ProxyAction => ({
    type: 'relay',
    from,
    to,
    length,
  }),
  stack: (child: StackedChild = CHILD, hint?: ContentHint): ProxyAction =>
    hint === undefined ? { type: 'stack', child } : { type: 'stack', child, hint },
  contentVerdict: (word: ContentWord, description = ''): ProxyAction => ({
    type: 'content-verdict',
    verdict: { word, description },
  }),
  secure: (port: PeerSide): ProxyAction => ({ type: 'secure', port }),
  hold: (from: Port): ProxyAction => ({ type: 'hold', from }),
  release: (from: Port): ProxyAction => ({ type: 'release', from }),
  wait: (promise: PromiseLike<unknown>, hears?: Port): ProxyAction =>
    hears === undefined ? { type: 'wait', promise } : { type: 'wait', promise, hears },
  timer: (timer: string, afterMs?: number, mode: 'total' | 'idle' = 'total'): ProxyAction => ({
    type: 'timer',
    timer,
    afterMs,
    mode,
  }),
  log: (code: string): LogAction => ({ type: 'log', level: 'info', code, message: code }),
  close: (reason = 'done', how?: 'reset'): ProxyAction => ({
    type: 'close',
    verdict: 'accepted',
    reason,
    ...(how === undefined ? {} : { how }),
  }),
};

/** A promise that a test settles, in the very call. */
export class Deferred implements PromiseLike<unknown> {
  #settled: ((value: unknown) => unknown)[] = [];
  #failed: ((error: unknown) => unknown)[] = [];

  then<Value, Problem>(
    settled?: ((value: unknown) => Value | PromiseLike<Value>) | null,
    failed?: ((error: unknown) => Problem | PromiseLike<Problem>) | null,
  ): PromiseLike<Value | Problem> {
    if (typeof settled === 'function') this.#settled.push(settled);
    if (typeof failed === 'function') this.#failed.push(failed);
    return NEVER;
  }

  resolve(value?: unknown): void {
    for (const call of this.#settled.splice(0)) call(value);
  }

  reject(error: unknown): void {
    for (const call of this.#failed.splice(0)) call(error);
  }
}

const NEVER = new Promise<never>(() => undefined);
