// What the pump asks of the rest of a session: server connections, stacked children, time and the log.

import type { SocketAddress } from '../address/socket-address.ts';
import type {
  Channel,
  ConnectFailure,
  ExpectRequest,
  LogFields,
  ProxyAction,
  PoolUse,
  ProxyEvent,
  PeerSide,
  ServerRequest,
} from '../proxy/engine.ts';
import type { Verdict } from '../proxy/verdict.ts';
import type { LogLevel } from '../log/log.ts';
import type { AlarmQueue } from './alarm-queue.ts';
import type { Accepted } from './outside.ts';
import type { Stream } from './stream.ts';

/** What came of a `connect` action. */
export type ServerResult =
  | {
      readonly ok: true;
      readonly stream: Stream;
      readonly address: SocketAddress;
      /** It may be given back. */
      readonly pool?: PoolUse;
    }
  | { readonly ok: false; readonly failure: ConnectFailure };

/** What came of a `secure` action. */
export type SecureResult =
  | { readonly ok: true; readonly stream: Stream }
  | { readonly ok: false; readonly failure: ConnectFailure };

/** Is told what becomes of an expectation; after `accepted` or `failed` nothing more. */
export interface ExpectWatcher {
  /** It waits here: the address with the real port. */
  listening(address: SocketAddress): void;
  accepted(connection: Accepted): void;
  failed(failure: ConnectFailure): void;
}

/** Takes further connections of the client. */
export interface ConnectionClaimer {
  /** The port that the next one would be; undefined while there are as many as there may be. */
  freePort(): Channel | undefined;
  accepted(port: Channel, connection: Accepted): void;
}

/** What an engine asks for with a `stack` action. */
export type StackRequest = Omit<Extract<ProxyAction, { type: 'stack' }>, 'type'>;

/** What a child says to its parent, as the parent's engine hears it. */
export type ChildWord = Extract<
  ProxyEvent,
  { type: 'stack-content-verdict' | 'stack-content-hint' }
>;

/** The two ends of a child that its parent's pump has. */
export interface NearEnds {
  readonly client: Stream;
  readonly server: Stream;
}

/** A child as its parent's pump commands it. */
export interface RunningChild {
  /** Its policy is retired: asks it to end as soon as nothing is in work. Default: it does not know when that is. */
  retire?(): void;
  /** Ends it at once, also before it runs, when its parent has ended. */
  abort(): void;
}

/** What a child that was asked for tells its parent: that it runs or may not, then its words, then its end. */
export interface ChildListener {
  /** It runs. Either this or `refused` is called, once, perhaps before `stack` has returned. */
  started(near: NearEnds): void;
  refused(failure: ConnectFailure): void;
  said(word: ChildWord): void;
  /** It has ended. The last call, once, never before `stack` has returned. */
  ended(verdict: Verdict, reason: string, message?: string): void;
}

/** Bytes that a proxy received and sent on both sides. */
export interface ByteCounts {
  readonly fromClient: number;
  readonly toClient: number;
  readonly fromServer: number;
  readonly toServer: number;
}

/** The surroundings of one pump. */
export interface PumpHost {
  readonly alarms: AlarmQueue;
  /** Calls back exactly once, never before it has returned; the returned function gives up. */
  connect(request: ServerRequest, done: (result: ServerResult) => void): () => void;
  /**
   * Puts TLS on the stream of a port, which has no listener any more. Calls back exactly once, never before it has returned;
   * the returned function gives up.
   */
  secure(port: PeerSide, stream: Stream, done: (result: SecureResult) => void): () => void;
  /** Takes back a connection that `connect` gave and that has no listener any more. */
  giveBack(stream: Stream): void;
  /** Waits for one connection. Tells nothing before it has returned; the returned function gives up. */
  expect(request: ExpectRequest, watcher: ExpectWatcher): () => void;
  /** Claims further connections of the client; the returned function ends that. */
  claim(claimer: ConnectionClaimer): () => void;
  /** Starts a child. */
  stack(request: StackRequest, child: ChildListener): RunningChild;
  /** The engine says something to the parent of its session, if there is one. */
  sayToParent(word: ChildWord): void;
  log(level: LogLevel, code: string, message: string, fields?: LogFields): void;
  /** Nothing has happened for a while: the session may be put to rest. No such method: it never is. */
  quiet?(): void;
  /** The engine has closed: how. Once, before `finished`. */
  closed(verdict: Verdict, reason: string, message?: string): void;
  /** The last stream is gone. Once, and the last call. */
  finished(bytes: ByteCounts): void;
}
