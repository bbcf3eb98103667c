// Everything that a proxy engine can ask for.

import type { IpAddress } from '../address/ip-address.ts';
import type { SocketAddress } from '../address/socket-address.ts';
import type { Bytes, Channel, PeerSide, Port } from './port.ts';
import type { ContentDecoding } from './content-decoding.ts';
import type { ContentHint } from './content-hint.ts';
import type { ContentVerdict } from './content-verdict.ts';
import type { Program } from './program.ts';
import type { Verdict } from './verdict.ts';

/** Where an in-band proxy wants to connect to: a host name or an address in text form, and a port (1 to 65535). */
export interface Target {
  readonly host: string;
  readonly port: number;
}

/** Which server connection a proxy wants. */
export interface ServerRequest {
  /** Counts only where the router is in-band or overrideable. */
  readonly target?: Target;
  /**
   * The connection may be given back when it is not needed any more, for other sessions of the service. `new`: now it must be
   * a new one; `any`: one that was given back will do. Default: it is nobody else's, before and after.
   */
  readonly pool?: 'new' | 'any';
}

/** One connection that a proxy expects, beside those that its session has. */
export interface ExpectRequest {
  /** The port that it will be. */
  readonly port: Channel;
  /** Who may connect. Default: the client of the session for `client#n`, the connected server for `server#n`. */
  readonly peer?: IpAddress;
  /**
   * Where to wait; port 0 lets the kernel choose one that nobody can guess. Default: port 0 of the address at which the
   * client reached us, or of our own address towards the server.
   */
  readonly at?: SocketAddress;
  /** How long, ten minutes at most. */
  readonly timeoutMs: number;
}

/** A service of the policy that is to run on a payload. */
export interface StackedService {
  readonly kind: 'service';
  readonly name: string;
}

/** A service of the policy that refuses a payload. */
export interface StackedRefusal {
  readonly kind: 'deny-service';
  readonly name: string;
}

/** What is to run on a payload. */
export type StackedChild = StackedService | StackedRefusal | Program;

/** Field values of a log line; peers' bytes in them are escaped when written. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** A line for the log. */
export interface LogAction {
  readonly type: 'log';
  readonly level: 'violation' | 'policy' | 'accounting' | 'info';
  readonly code: string;
  readonly message: string;
  readonly fields?: LogFields;
}

/** What an engine asks for. They are carried out in order; nothing may follow `close`. */
export type ProxyAction =
  /** The bytes belong to the pump from now on: an engine never changes them afterwards. */
  | { readonly type: 'send'; readonly to: Port; readonly bytes: Bytes }
  /** Ends one direction of a stream after what was sent (TCP half-close). */
  | { readonly type: 'end'; readonly to: Port }
  /** Connects the server side. */
  | ({ readonly type: 'connect'; readonly port: Port } & ServerRequest)
  /** Waits for one connection: `listening`, then `accepted`, or `expect-failed`. An earlier attempt for the port is given up. */
  | ({ readonly type: 'expect' } & ExpectRequest)
  /**
   * Takes further connections of the client to where it connected, `max` at a time, as `accepted` on `client#1` and so
   * on; a number is free again when its port is gone. Those beyond `max` are sessions of their own. 0 ends the claim.
   */
  | { readonly type: 'claim'; readonly side: 'client'; readonly max: number }
  /**
   * Puts TLS on a side whose conversation has begun in plain text (STARTTLS), as the encryption policy has it: `secured` or
   * `secure-failed` follows, and nothing else of that port before. What was sent goes out first, in plain text. What has come and
   * was not read is nothing that was said inside of TLS: then it fails.
   */
  | { readonly type: 'secure'; readonly port: PeerSide }
  /**
   * Drops a port's connection, or the attempt: no event comes from it any more, and it may be connected again. Actions for a
   * lost port do nothing. With `keep` a connection that was connected with `pool` is given back, if it is quiet. With `how` its
   * peer sees that this is no proper end.
   */
  | {
      readonly type: 'disconnect';
      readonly port: Port;
      readonly keep?: boolean;
      readonly how?: 'reset';
    }
  /**
   * The next `length` bytes (Infinity: all) need no inspection. While it runs no `received` comes from that port; if `to` is lost
   * they are dropped. A `disconnect` of `to` ends it without a word: what is left comes as `received`.
   */
  | { readonly type: 'relay'; readonly from: Port; readonly to: Port; readonly length: number }
  /**
   * Runs a proxy or a program on the payload, between the ports stack-client and stack-server. With `decode` it reads
   * decoded what is sent to stack-client.
   */
  | {
      readonly type: 'stack';
      readonly child: StackedChild;
      readonly hint?: ContentHint;
      readonly decode?: ContentDecoding;
    }
  /** Tells the parent of this session what to think of the contents; a session without one tells nobody. */
  | { readonly type: 'content-verdict'; readonly verdict: ContentVerdict }
  /** Tells the parent how many bytes this session will give. */
  | { readonly type: 'content-hint'; readonly length: number }
  /** No `received` and no proper `ended` comes from the port until `release`; a relay goes on. */
  | { readonly type: 'hold'; readonly from: Port }
  | { readonly type: 'release'; readonly from: Port }
  /**
   * Holds everything until the promise is settled; then `resolved` comes before any other event. Only what comes from the
   * port `hears` is told meanwhile.
   */
  | { readonly type: 'wait'; readonly promise: PromiseLike<unknown>; readonly hears?: Port }
  /** Arms or re-arms the timer of this name, for one time; undefined disarms. `idle` starts anew whenever any byte passes, and runs a minute at most over UDP. */
  | {
      readonly type: 'timer';
      readonly timer: string;
      readonly afterMs: number | undefined;
      readonly mode: 'total' | 'idle';
    }
  | LogAction
  /** Ends the session. What was sent before is still delivered (bounded in time) unless `how` is 'reset'. */
  | {
      readonly type: 'close';
      readonly verdict: Verdict;
      readonly reason: string;
      /** One sentence for people, in the decision record. */
      readonly message?: string;
      readonly how?: 'reset';
    };
