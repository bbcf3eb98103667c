// What the pump asks of the rest of a session: server connections, stacked children, time and the log.

import type { SocketAddress } from '../address/socket-address.ts';
import type {
  Channel,
  ConnectFailure,
  ExpectRequest,
  LogFields,
  StackedService,
  Target,
} from '../proxy/engine.ts';
import type { Verdict } from '../proxy/verdict.ts';
import type { LogLevel } from '../log/log.ts';
import type { Accepted, Clock } from './outside.ts';
import type { Stream } from './stream.ts';

/** What came of a `connect` action. */
export type ServerResult =
  | { readonly ok: true; readonly stream: Stream; readonly address: SocketAddress }
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

/** A child that runs between two links; these are the near ends, for the parent's pump. */
export interface StackedChild {
  readonly client: Stream;
  readonly server: Stream;
  /** Ends the child at once, when its parent has ended. */
  abort(): void;
}

/** What came of a `stack` action. */
export type StackResult =
  | { readonly ok: true; readonly child: StackedChild }
  | { readonly ok: false; readonly failure: ConnectFailure };

/** Bytes that a proxy received and sent on both sides. */
export interface ByteCounts {
  readonly fromClient: number;
  readonly toClient: number;
  readonly fromServer: number;
  readonly toServer: number;
}

/** What the end of a session may cost. */
export interface EndBounds {
  /** How long the last bytes may take. */
  readonly lingerMs: number;
  /** How much a peer may still send. */
  readonly maxDiscardedBytes: number;
}

/** The surroundings of one pump. */
export interface PumpHost {
  readonly clock: Clock;
  /** Calls back exactly once, never before it has returned; the returned function gives up. */
  connect(target: Target | undefined, done: (result: ServerResult) => void): () => void;
  /** Waits for one connection. Tells nothing before it has returned; the returned function gives up. */
  expect(request: ExpectRequest, watcher: ExpectWatcher): () => void;
  /** Claims further connections of the client; the returned function ends that. */
  claim(claimer: ConnectionClaimer): () => void;
  /** `ended` is called once, when the child has ended, never before `stack` has returned. */
  stack(service: StackedService, ended: (verdict: Verdict, reason: string) => void): StackResult;
  log(level: LogLevel, code: string, message: string, fields?: LogFields): void;
  /** The engine has closed: how. Once, before `finished`. */
  closed(verdict: Verdict, reason: string, message?: string): void;
  /** The last stream is gone. Once, and the last call. */
  finished(bytes: ByteCounts): void;
}
