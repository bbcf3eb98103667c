// A proxy on a stage, for the tests of a policy: no sockets and no time. Peers say what the test tells them to say, and
// the test asks what they heard and how the session ended.

import { SocketAddress } from '../address/socket-address.ts';
import type { ContentVerdict } from './content-verdict.ts';
import type {
  ConnectFailure,
  Outcome,
  PeerSide,
  Port,
  ProxyAction,
  ProxyEngine,
  ProxyEvent,
  ProxyFactory,
  Target,
  Traffic,
} from './engine.ts';
import { PlayedPeer } from './played-peer.ts';
import { playedSession } from './played-session.ts';
import type { ProxySession } from './proxy-session.ts';

type ActionOf<Type extends ProxyAction['type']> = Extract<ProxyAction, { type: Type }>;

type CarryOutTable = {
  readonly [Type in ProxyAction['type']]: (play: Play, action: ActionOf<Type>) => unknown;
};

/** How the world of a play is. */
export interface PlayOptions {
  /** Facts of the session, where those that are made up do not do. */
  readonly session?: Partial<ProxySession>;
  /** The sides on which TLS may begin in the middle of their conversation; then it does, whenever it is asked for. */
  readonly startTls?: readonly PeerSide[];
  /** Servers that cannot be connected, and why: the n-th connect fails like this. Undefined: it succeeds. */
  readonly connects?: readonly (ConnectFailure | undefined)[];
  /** What time it is all the while, in milliseconds since 1970. Default: the proxy does not know. */
  readonly now?: number;
}

/** How a session ended. */
export type PlayedEnding = Pick<ActionOf<'close'>, 'verdict' | 'reason' | 'message'>;

/** Nothing has passed, and the client keeps up. */
export const NO_TRAFFIC: Traffic = {
  ...{ fromClient: 0, fromServer: 0, toClient: 0 },
  ...{ clientWaits: false, clientIsFull: false },
};

const NOT_PLAYED: ConnectFailure = {
  reason: 'play.absent',
  verdict: 'denied-by-policy',
  message: 'A play has one client and one server, and nothing else',
};

/**
 * Runs a proxy of a policy in a unit test, without a socket.
 * @example
 * const play = playProxy(guess);
 * play.client.say('bob\r\n');
 * assert.equal(play.server.heard(), 'HELLO bob\r\n');
 */
export function playProxy(proxy: ProxyFactory, options: PlayOptions = {}): Play {
  const { session, startTls = [], now } = options;
  const context = { session: playedSession(session), startTls };
  const clock = now === undefined ? undefined : { now: () => now };
  return new Play(proxy.create(clock === undefined ? context : { ...context, clock }), options);
}

/** One session of a proxy, played. */
export class Play {
  readonly client: PlayedPeer;
  readonly server: PlayedPeer;
  /** Where it connected to; undefined where it left that to the router. */
  readonly connects: (Target | undefined)[] = [];
  /** What it logged: code and message. */
  readonly logs: string[] = [];
  /** What it told its parent of the contents. */
  readonly contentVerdicts: ContentVerdict[] = [];
  readonly #engine: ProxyEngine;
  readonly #options: PlayOptions;
  readonly #timers = new Set<string>();
  /** Answers to what the engine asked for, in order. */
  readonly #answers: ProxyEvent[] = [];
  #waiting: PromiseLike<unknown> | undefined;
  #ending: PlayedEnding | undefined;
  #isBusy = false;

  constructor(engine: ProxyEngine, options: PlayOptions) {
    this.#engine = engine;
    this.#options = options;
    const run = () => {
      this.#run();
    };
    this.client = new PlayedPeer('client', run);
    this.server = new PlayedPeer('server', run);
    this.client.connect();
    this.#answers.push({ type: 'started' });
    this.#run();
  }

  /** How the session ended; undefined while it goes on. */
  ending(): PlayedEnding | undefined {
    return this.#ending;
  }

  /** Lets the timer of this name run out, if it is armed: `'idle'`. */
  elapse(timer: string): void {
    if (!this.#timers.delete(timer)) return;
    this.#answers.push({ type: 'elapsed', timer, traffic: NO_TRAFFIC });
    this.#run();
  }

  /** Waits for the promises that the proxy waits for, one after the other. */
  async settle(): Promise<void> {
    while (this.#waiting !== undefined && this.#ending === undefined) {
      const outcome = await outcomeOf(this.#waiting);
      this.#waiting = undefined;
      this.#answers.unshift({ type: 'resolved', outcome });
      this.#run();
    }
  }

  #run(): void {
    if (this.#isBusy) return;
    this.#isBusy = true;
    while (this.#step());
    this.#isBusy = false;
  }

  #step(): boolean {
    if (this.#ending !== undefined || this.#waiting !== undefined) return false;
    const event = this.#answers.shift() ?? this.client.next() ?? this.server.next();
    if (event === undefined) return false;
    if (event.type === 'passed') this.#peer(event.to)?.hear(event.bytes);
    else for (const action of this.#engine.handle(event)) this.#carryOut(action);
    return true;
  }

  #carryOut(action: ProxyAction): void {
    // The table has, for each type of action, the function that takes that type.
    const carryOut = Play.#CARRY_OUT[action.type] as (play: Play, action: ProxyAction) => void;
    carryOut(this, action);
  }

  static readonly #CARRY_OUT: CarryOutTable = {
    send: (play, { to, bytes }) => play.#peer(to)?.hear(bytes),
    end: (play, { to }) => play.#peer(to)?.hearEnd(),
    relay: (play, { from, to, length }) => play.#peer(from)?.relay(to, length),
    hold: (play, { from }) => play.#peer(from)?.hold('hold'),
    release: (play, { from }) => play.#peer(from)?.hold('release'),
    connect: (play, action) => play.#connect(action),
    secure: (play, { port }) => play.#answers.push({ type: 'secured', port }),
    disconnect: (play, { port }) => play.#peer(port)?.disconnect(),
    log: (play, { code, message }) => play.logs.push(`${code}: ${message}`),
    stack: (play) => play.#answers.push({ type: 'stack-refused', failure: NOT_PLAYED }),
    expect: (play, { port }) =>
      play.#answers.push({ type: 'expect-failed', port, failure: NOT_PLAYED }),
    claim: () => undefined, // nobody else comes
    'content-verdict': (play, { verdict }) => play.contentVerdicts.push(verdict),
    'content-hint': () => undefined,
    wait: (play, { promise }) => {
      play.#waiting = promise;
    },
    timer: (play, { timer, afterMs }) => {
      if (afterMs === undefined) play.#timers.delete(timer);
      else play.#timers.add(timer);
    },
    close: (play, { verdict, reason, message }) => {
      play.#ending = message === undefined ? { verdict, reason } : { verdict, reason, message };
    },
  };

  #connect({ port, target }: ActionOf<'connect'>): void {
    const failure = this.#options.connects?.[this.connects.length];
    this.connects.push(target);
    if (failure === undefined) {
      this.#peer(port)?.connect();
      const address = SocketAddress.of('192.0.2.80', target?.port ?? 80);
      this.#answers.push({ type: 'connected', port, address });
    } else this.#answers.push({ type: 'connect-failed', port, failure });
  }

  #peer(port: Port): PlayedPeer | undefined {
    if (port === 'client') return this.client;
    return port === 'server' ? this.server : undefined;
  }
}

async function outcomeOf(promise: PromiseLike<unknown>): Promise<Outcome> {
  try {
    return { ok: true, value: await promise };
  } catch (error) {
    return { ok: false, error };
  }
}
