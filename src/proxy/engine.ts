// The first of Zorp's two nouns. A proxy engine is a pure state machine between a client and a server; the pump
// (session/pump.ts) brings it events from streams and carries out the actions that it asks for.

import type { SocketAddress } from '../address/socket-address.ts';
import type { ProxySession } from './proxy-session.ts';
import type { Verdict } from './verdict.ts';

/** The two sides of a session, and the near ends of the two links to a stacked child. */
export type Side = 'client' | 'server' | 'stack-client' | 'stack-server';

/** One stream of a proxy: a side, with a channel number where a side has several (`'server#1'`). */
export type Port = Side | `${Side}#${number}`;

/**
 * Bytes of the network. In an event they are borrowed: valid until the actions of the event are carried out. They may be
 * sent on, as they are or in part; keeping them means copying.
 */
export type Bytes = Uint8Array;

/** Where an in-band proxy wants to connect to: a host name or an address in text form, and a port (1 to 65535). */
export interface Target {
  readonly host: string;
  readonly port: number;
}

/** Why no server connection was made: the reason code, and the verdict that the session would end with. */
export interface ConnectFailure {
  readonly reason: string;
  readonly verdict: Verdict;
  /** One sentence for people: an error page, a log line. */
  readonly message: string;
}

/** Bytes received from the client and from the server since the start, relayed ones included. */
export interface Traffic {
  readonly fromClient: number;
  readonly fromServer: number;
}

/** What a policy function that returned a promise came to. */
export type Outcome =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown };

/** What happens to an engine. `started` is the first event and comes once. */
export type ProxyEvent =
  | { readonly type: 'started' }
  | { readonly type: 'received'; readonly from: Port; readonly bytes: Bytes }
  /**
   * The peer sends no more; `error` names why if that was not a proper end (`'ECONNRESET'`): then the port is gone. It
   * comes a second time, with an error, if a port is lost after its proper end.
   */
  | { readonly type: 'ended'; readonly from: Port; readonly error?: string }
  | { readonly type: 'connected'; readonly port: Port; readonly address: SocketAddress }
  | { readonly type: 'connect-failed'; readonly port: Port; readonly failure: ConnectFailure }
  /** A relay is over: `complete` if its length was reached, otherwise the source ended and `ended` follows. */
  | {
      readonly type: 'relayed';
      readonly from: Port;
      readonly to: Port;
      readonly bytes: number;
      readonly complete: boolean;
    }
  /** The stacked child runs, or may not. After `stacked` the ports stack-client and stack-server exist. */
  | { readonly type: 'stacked' }
  | { readonly type: 'stack-refused'; readonly failure: ConnectFailure }
  /** The stacked child has ended with this verdict, after its last bytes but those of a port that is held; its ports are gone. */
  | { readonly type: 'stack-verdict'; readonly verdict: Verdict; readonly reason: string }
  | { readonly type: 'resolved'; readonly outcome: Outcome }
  | { readonly type: 'elapsed'; readonly timer: string; readonly traffic: Traffic };

/** Field values of a log line; peers' bytes in them are escaped when written. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** What an engine asks for. They are carried out in order; nothing may follow `close`. */
export type ProxyAction =
  /** The bytes belong to the pump from now on: an engine never changes them afterwards. */
  | { readonly type: 'send'; readonly to: Port; readonly bytes: Bytes }
  /** Ends one direction of a stream after what was sent (TCP half-close). */
  | { readonly type: 'end'; readonly to: Port }
  /** Connects the server side; the target counts only where the router is in-band or overrideable. */
  | { readonly type: 'connect'; readonly port: Port; readonly target?: Target }
  /** Drops a port's connection: no event comes from it any more, and it may be connected again. Actions for a lost port do nothing. */
  | { readonly type: 'disconnect'; readonly port: Port }
  /** The next `length` bytes (Infinity: all) need no inspection. While it runs no `received` comes from that port; if `to` is lost they are dropped. */
  | { readonly type: 'relay'; readonly from: Port; readonly to: Port; readonly length: number }
  /** Runs a proxy on the payload, between the ports stack-client and stack-server. */
  | { readonly type: 'stack'; readonly service: Stackable }
  /** No `received` and no proper `ended` comes from the port until `release`; a relay goes on. */
  | { readonly type: 'hold'; readonly from: Port }
  | { readonly type: 'release'; readonly from: Port }
  /** Holds everything until the promise is settled; then `resolved` comes before any other event. */
  | { readonly type: 'wait'; readonly promise: PromiseLike<unknown> }
  /** Arms or re-arms the timer of this name, for one time; undefined disarms. `idle` starts anew whenever any byte passes. */
  | {
      readonly type: 'timer';
      readonly timer: string;
      readonly afterMs: number | undefined;
      readonly mode: 'total' | 'idle';
    }
  | {
      readonly type: 'log';
      readonly level: 'violation' | 'policy' | 'accounting' | 'info';
      readonly code: string;
      readonly message: string;
      readonly fields?: LogFields;
    }
  /** Ends the session. What was sent before is still delivered (bounded in time) unless `how` is 'reset'. */
  | {
      readonly type: 'close';
      readonly verdict: Verdict;
      readonly reason: string;
      /** One sentence for people, in the decision record. */
      readonly message?: string;
      readonly how?: 'reset';
    };

/** A protocol proxy: pure, synchronous, total. The six laws of an engine are tested in test/laws. */
export interface ProxyEngine {
  handle(event: ProxyEvent): ProxyAction[];
}

/** Why a connection is refused, for the proxy that tells its client so. */
export interface Refusal {
  readonly reason: string;
  readonly verdict: Verdict;
  readonly message: string;
}

/** What an engine is made for. With `refusal` it may only tell the client why it is refused, and never connects. */
export interface ProxyContext {
  readonly session: ProxySession;
  readonly refusal?: Refusal;
}

/** What a service names as its proxy: frozen settings that make one engine for each session. */
export interface ProxyFactory {
  /** The protocol, as in session ids: 'http', 'plug'. */
  readonly name: string;
  /** Whether the proxy can tell a refused client why (an error page); otherwise the connection is just closed. */
  readonly tellsRefusals: boolean;
  /** Services that this proxy may stack, for the checks of the policy. */
  readonly stacks: readonly Stackable[];
  create(context: ProxyContext): ProxyEngine;
  /** One line in English: what this proxy does with its settings. */
  explain(): string;
}

/** What can be stacked under a proxy: a service, seen from where the policy is not known. */
export interface Stackable {
  readonly name: string;
  readonly proxy: ProxyFactory;
}
