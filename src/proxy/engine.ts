// The first of Zorp's two nouns. A proxy engine is a pure state machine between a client and a server; the pump
// (session/pump.ts) brings it events from streams and carries out the actions that it asks for.

import type { Authenticator } from './authentication.ts';
import type { Copying } from './copying.ts';
import type { LogAction, ProxyAction, StackedRefusal, StackedService } from './proxy-action.ts';
import type { PeerSide } from './port.ts';
import type { Program } from './program.ts';
import type { ProxyEvent } from './proxy-event.ts';
import type { ProxySession } from './proxy-session.ts';
import type { Verdict } from './verdict.ts';

export type { Bytes, Channel, PeerSide, Port, Side } from './port.ts';
export type {
  ExpectRequest,
  LogAction,
  LogFields,
  ProxyAction,
  ServerRequest,
  StackedChild,
  StackedRefusal,
  Target,
} from './proxy-action.ts';
export type { ConnectFailure, Outcome, PoolUse, ProxyEvent, Traffic } from './proxy-event.ts';

/** A protocol proxy: pure, synchronous, total. The six laws of an engine are tested in test/laws. */
export interface ProxyEngine {
  handle(event: ProxyEvent): ProxyAction[];
  /**
   * All that it must remember between two events, where nothing is under way: it holds no bytes, waits for no policy function,
   * has no child. Undefined, or no such method: it cannot rest now. Asking changes nothing.
   */
  rest?(): RestingEngine | undefined;
  /**
   * The session ends for this reason, and not because the engine has said so: what the log is to have of what was in work. It
   * comes once, as the last thing. Default: nothing.
   */
  lastWords?(reason: string): readonly LogAction[];
}

/** What is left of an engine that rests. A session that is idle has it instead of the engine. */
export interface RestingEngine {
  /** An engine that goes on exactly as the one that rested would have. */
  wake(): ProxyEngine;
}

/** Why a connection is refused, for the proxy that tells its client so. */
export interface Refusal {
  readonly reason: string;
  readonly verdict: Verdict;
  readonly message: string;
}

/** What time it is, for what a protocol says of it. How long something takes, the timers of an engine tell. */
export interface WallClock {
  /** Milliseconds since 1970, UTC. */
  now(): number;
}

/** What an engine is made for. With `refusal` it may only tell the client why it is refused, and never connects. */
export interface ProxyContext {
  readonly session: ProxySession;
  readonly refusal?: Refusal;
  /** Asks who the client is; there if the service has an authentication policy, and then nobody may pass unasked. */
  readonly authenticator?: Authenticator;
  /** Default: it does not know what time it is, and says nothing of it. */
  readonly clock?: WallClock;
  /** The sides that `secure` may be asked for. Default: none. */
  readonly startTls?: readonly PeerSide[];
}

/** What a service names as its proxy: frozen settings that make one engine for each session. */
export interface ProxyFactory {
  /** The protocol, as in session ids: 'http', 'plug'. */
  readonly name: string;
  /** Whether the proxy can tell a refused client why (an error page); otherwise the connection is just closed. */
  readonly tellsRefusals: boolean;
  /**
   * Whether it can stand between datagrams: it keeps their boundaries, and arms an idle timer, since they have no end.
   * Default: no.
   */
  readonly takesDatagrams?: boolean;
  /**
   * Whether it can ask its clients who they are: `possible`, or `expected` where its settings say how, which is for
   * nothing without an authentication policy of its service. Default: it cannot.
   */
  readonly authentication?: 'possible' | 'expected';
  /**
   * Whether it takes for its servers what clients believe to be encrypted on its way: then the service must speak TLS with
   * them. Default: no.
   */
  readonly needsServerTls?: boolean;
  /**
   * Whether it is for servers behind a further proxy. Where it is stacked it cannot reach them: there it has the server of
   * whoever stacks it. Default: no.
   */
  readonly hasParent?: boolean;
  /** Whether it may serve its clients and never ask for a server, as far as its settings tell. Default: no. */
  readonly mayAnswerAlone?: boolean;
  /** Whether it takes its clients for such that speak no TLS, and says so to policy, servers and users. Default: no. */
  readonly expectsPlainClients?: boolean;
  /** Whether its clients may choose servers that speak no TLS, whatever functions of the policy say. Default: no. */
  readonly expectsPlainServers?: boolean;
  /** Whether it can put TLS on its sides in the middle of their conversation (`secure`). Default: no. */
  readonly startsTls?: boolean;
  /** What its sessions over TCP do that have a client to serve, if that is but copying; then they need no engine. Default: more. */
  readonly copying?: Copying | undefined;
  /** Services and programs that this proxy may stack, for the checks of the policy. */
  readonly stacks: readonly StackChoice[];
  create(context: ProxyContext): ProxyEngine;
  /** One line in English: what this proxy does with its settings. */
  explain(): string;
}

/** A service that can be stacked, seen from where the policy is not known. */
export interface StackableService extends StackedService {
  readonly proxy: ProxyFactory;
}

/** What can be stacked under a proxy: a service, whose proxy runs on the payload, or an external program. */
export type Stackable = StackableService | Program;

/** What a payload may get whose kind is seen first: it may be refused, too. */
export type StackChoice = Stackable | StackedRefusal;
