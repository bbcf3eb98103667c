// Everything that can happen to a proxy engine.

import type { SocketAddress } from '../address/socket-address.ts';
import type { Bytes, Channel, PeerSide, Port } from './port.ts';
import type { ContentVerdict } from './content-verdict.ts';
import type { Verdict } from './verdict.ts';

/** Why a connection was not made, or did not come: the reason code, and the verdict that the session would end with. */
export interface ConnectFailure {
  readonly reason: string;
  readonly verdict: Verdict;
  /** One sentence for people: an error page, a log line. */
  readonly message: string;
}

/** A connection that may be given back: it is new, or was given back before. */
export type PoolUse = 'new' | 'reused';

/** Bytes received from the client and from the server, and given to the client, since the start, relayed ones included. */
export interface Traffic {
  readonly fromClient: number;
  readonly fromServer: number;
  /** What the system, or another proxy, has taken in for the client: nobody knows how much of it was read. */
  readonly toClient: number;
  /**
   * Whether what the client sends has no room now, or nobody who reads it: then it is not the one who is slow. It may be
   * otherwise a moment later.
   */
  readonly clientWaits: boolean;
  /** Whether somebody who has bytes for the client is held up because there is no room for more. */
  readonly clientIsFull: boolean;
}

/** What a policy function that returned a promise came to. */
export type Outcome =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown };

/**
 * What is known of bytes behind those that were received. `more`: the read was full, or an end or further bytes have come, so that
 * another event follows soon. `unknown`: they may have come, where pieces of any length are read. Otherwise nothing had come.
 */
export type Behind = 'more' | 'unknown';

/** What happens to an engine. `started` is the first event and comes once. */
export type ProxyEvent =
  | { readonly type: 'started' }
  | {
      readonly type: 'received';
      readonly from: Port;
      readonly bytes: Bytes;
      readonly behind?: Behind;
    }
  /**
   * The peer sends no more; `error` names why if that was not a proper end (`'ECONNRESET'`): then the port is gone. It
   * comes a second time, with an error, if a port is lost after its proper end.
   */
  | { readonly type: 'ended'; readonly from: Port; readonly error?: string }
  /** `pool` says that the connection may be given back, and whether somebody else has done that before. */
  | {
      readonly type: 'connected';
      readonly port: Port;
      readonly address: SocketAddress;
      readonly pool?: PoolUse;
    }
  | { readonly type: 'connect-failed'; readonly port: Port; readonly failure: ConnectFailure }
  /** What is sent from now on, and what comes, is inside of TLS. */
  | { readonly type: 'secured'; readonly port: PeerSide }
  /** There is no TLS, and the port is gone. */
  | { readonly type: 'secure-failed'; readonly port: PeerSide; readonly failure: ConnectFailure }
  /** An expectation waits at this address, which has the real port. `accepted` or `expect-failed` follows. */
  | { readonly type: 'listening'; readonly port: Channel; readonly address: SocketAddress }
  /** A connection that was expected or claimed has come: from `address`, to `local`. The port exists now. */
  | {
      readonly type: 'accepted';
      readonly port: Channel;
      readonly address: SocketAddress;
      readonly local: SocketAddress;
    }
  /** Nobody came in time, or the proxy may not or cannot wait there. */
  | { readonly type: 'expect-failed'; readonly port: Channel; readonly failure: ConnectFailure }
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
  /** What the stacked child thinks of the contents. It may overtake bytes that the child gave before it. */
  | { readonly type: 'stack-content-verdict'; readonly verdict: ContentVerdict }
  /** How many bytes the stacked child will give. */
  | { readonly type: 'stack-content-hint'; readonly length: number }
  /**
   * The stacked child has ended with this verdict, after its last bytes but those of a port that is held; its ports are
   * gone. With `how` it was cut off: what it gave has no proper end, and nothing may make it look as if it had.
   */
  | {
      readonly type: 'stack-verdict';
      readonly verdict: Verdict;
      readonly reason: string;
      /** What it said of its end, if it did: a sentence. */
      readonly message?: string;
      readonly how?: 'reset';
    }
  | { readonly type: 'resolved'; readonly outcome: Outcome }
  /**
   * Another policy has come, or the instance ends and waits for its sessions for a while: whoever goes from one request to
   * the next ends between two. It may come at any time after `started`, more than once too. `wasResting`: nothing had happened
   * for a while, so that hardly anybody is about to ask for something.
   */
  | { readonly type: 'retired'; readonly wasResting: boolean }
  | { readonly type: 'elapsed'; readonly timer: string; readonly traffic: Traffic };
