// What is known of a connection, and what was decided of it.

import type { InterfaceTable } from '../address/interface-table.ts';
import type { IpAddress } from '../address/ip-address.ts';
import type { SocketAddress } from '../address/socket-address.ts';
import type { Refusal } from '../proxy/engine.ts';
import type { Listener } from './make-listener.ts';
import type { IncomingInterface } from './packet.ts';
import type { Route } from './router.ts';
import type { RuleMatch } from './rule-index.ts';
import type { AnyService, Service } from './service.ts';
import type { TraceStep } from './trace.ts';
import type { Zone } from './zone.ts';

/** What is known of a connection. */
export interface ConnectionFacts {
  /** The instance that the connection came to. */
  readonly instance: string;
  /** The listener that accepted it; undefined: the one of the instance that listens on `local`. */
  readonly listener?: Listener | undefined;
  readonly client: SocketAddress;
  /** Original destination, as the client saw it. */
  readonly local: SocketAddress;
  /** The IP protocol by its number. Default: that of the listener; 6, TCP, where none is said. */
  readonly protocol?: number | undefined;
  readonly icmp?: { readonly type: number; readonly code: number } | undefined;
  /** The interface that the connection came in by; undefined: that of the listener, or not known. */
  readonly incoming?: IncomingInterface | undefined;
  /** The interfaces of this machine as they are now, whose addresses are its own; undefined: not known. */
  readonly interfaces?: InterfaceTable | undefined;
  /** The request id of the IPsec policy that the connection came through. */
  readonly requestId?: number | undefined;
  /** What the detectors of the rule found; undefined if they have not been asked yet. */
  readonly detected?: AnyService | 'none' | undefined;
  /** Present when the server side is to be decided too. */
  readonly connect?: ConnectFacts | undefined;
}

/** What is known of a connection that a listener accepted. */
export interface ListenedFacts extends ConnectionFacts {
  readonly listener: Listener;
}

/** What is known when the server side is decided. */
export interface ConnectFacts {
  /** The server that the protocol names, if it does. */
  readonly target?: SocketAddress | undefined;
  /**
   * All addresses that the name of this server has, whichever the resolver chose: the destination guard asks for each.
   * Default: only the target.
   */
  readonly answer?: readonly IpAddress[] | undefined;
  /** Which of the servers that the router names, from 0. Default: the first. */
  readonly candidate?: number | undefined;
  /** A random number of [0, 1), for a NAT that chooses. Default: 0. */
  readonly draw?: number | undefined;
}

/** A connection that was accepted, and may go on to a server that is still to be decided. */
export interface RoutedConnection extends ConnectionFacts {
  /** The rule that named the service; undefined where none was asked. */
  readonly rule: RuleMatch | undefined;
  readonly service: Service;
  readonly route: Route;
}

/** What was decided of the server of a connection. */
export type ServerDecision =
  | {
      readonly outcome: 'permitted';
      readonly server: SocketAddress;
      readonly serverZone: Zone | undefined;
      /** Its local address is the translated one. */
      readonly route: Route;
    }
  | {
      readonly outcome: 'refused';
      /** Undefined where nobody names one. */
      readonly server: SocketAddress | undefined;
      /** Undefined where it does not come to that. */
      readonly serverZone: Zone | undefined;
      readonly refusal: Refusal;
    };

/** What all decisions tell. */
export interface DecisionFacts {
  readonly listener: Listener | undefined;
  /** The rule that won; undefined where none was asked, or none matches. */
  readonly rule: RuleMatch | undefined;
  readonly clientZone: Zone | undefined;
  readonly serverZone: Zone | undefined;
  /** The server that is meant; undefined as long as the server side is not decided. */
  readonly server: SocketAddress | undefined;
  readonly trace: readonly TraceStep[];
}

/** A connection that may go on. */
export interface Permitted extends DecisionFacts {
  readonly outcome: 'permitted';
  readonly service: Service;
  /** Once the server side is decided, its local address is the translated one. */
  readonly route: Route;
}

/** A connection that is refused. */
export interface Refused extends DecisionFacts {
  readonly outcome: 'refused';
  /** The service that it would have got; undefined if there was none. */
  readonly service: AnyService | undefined;
  readonly refusal: Refusal;
}

/** A connection whose first bytes name the service: the detectors of the rule come next, then `decide` again. */
export interface Detecting extends DecisionFacts {
  readonly outcome: 'detecting';
  readonly rule: RuleMatch;
  /** The service of the rule, for what no detector recognises. */
  readonly service: AnyService | undefined;
}

/** What happens to a connection. */
export type Decision = Permitted | Refused | Detecting;

/** A refusal whose texts are known beforehand. */
export function refusalFor(reason: string, message: string): Refusal {
  return Object.freeze({ reason, verdict: 'denied-by-policy', message });
}
