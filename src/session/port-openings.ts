// How ports of a pump come to be: it connects them, expects them, claims them, or puts TLS on what they were. One attempt a
// port, and what comes of one that was given up is dropped.

import type {
  Channel,
  ConnectFailure,
  PeerSide,
  Port,
  ProxyAction,
  ProxyEvent,
} from '../proxy/engine.ts';
import type { Accepted } from './outside.ts';
import type { PumpHost, ServerResult } from './pump-host.ts';
import type { PumpPorts } from './pump-ports.ts';
import { EMPTY_LIST, withItem, withoutItem } from './short-list.ts';
import type { Stream } from './stream.ts';

type ActionOf<Type extends ProxyAction['type']> = Extract<ProxyAction, { type: Type }>;

/** What new ports ask of their pump. */
export interface OpeningOwner {
  /** Makes a port of a stream. */
  attach(name: Port, stream: Stream): void;
  /** Something for the engine, after all that came before. */
  post(event: ProxyEvent): void;
  /** Takes events of a port back that the engine does not know yet. */
  unpost(port: Port, isOver: (event: ProxyEvent, port: Port) => boolean): void;
}

/** An attempt that is under way. */
interface Attempt {
  readonly port: Port;
  giveUp: (() => void) | undefined;
}

// What came in plain text may be somebody else's who stands between the two, and would seem to have been said inside of TLS.
const NOT_QUIET: ConnectFailure = {
  reason: 'tls.plain-text',
  verdict: 'denied-by-policy',
  message: 'Plain text was still on the way where TLS was to begin',
};

const TWICE: ConnectFailure = {
  reason: 'tls.twice',
  verdict: 'denied-by-policy',
  message: 'TLS was to begin where there is TLS already',
};

/** The ports of one pump that are in the making. */
export class PortOpenings {
  readonly #host: PumpHost;
  readonly #ports: PumpPorts;
  readonly #owner: OpeningOwner;
  /** Nearly always none or one. */
  #attempts: readonly Attempt[] = EMPTY_LIST;
  #maxClaimed = 0;
  #endClaim: (() => void) | undefined;

  constructor(host: PumpHost, ports: PumpPorts, owner: OpeningOwner) {
    this.#host = host;
    this.#ports = ports;
    this.#owner = owner;
  }

  /** Whether no port is in the making, and none is claimed. */
  get isEmpty(): boolean {
    return this.#attempts.length === 0 && this.#endClaim === undefined;
  }

  /** Begins a connect; an earlier attempt for its port is given up. */
  connect(request: ActionOf<'connect'>): void {
    const attempt = this.#begin(request.port);
    attempt.giveUp = this.#host.connect(request, (result) => this.#connected(attempt, result));
  }

  #connected(attempt: Attempt, result: ServerResult): void {
    const { port } = attempt;
    if (!this.#finish(attempt)) {
      if (result.ok) result.stream.destroy();
      return;
    }
    if (!result.ok) {
      this.#owner.post({ type: 'connect-failed', port, failure: result.failure });
      return;
    }
    const { stream, address, pool } = result;
    this.#owner.attach(port, stream);
    if (pool === undefined) this.#owner.post({ type: 'connected', port, address });
    else this.#owner.post({ type: 'connected', port, address, pool });
  }

  /** Puts TLS on the stream of a port, which is nobody's meanwhile. */
  secure(name: PeerSide): void {
    const port = this.#ports.get(name);
    if (port === undefined) return; // it is lost, and its engine is told so, or knows it
    const attempt = this.#begin(name);
    const isTwice = port.isSecured;
    // A quick peer has answered the word that was sent just now with its first of TLS; plain text is no TLS, and fails there.
    if (isTwice || !this.#ports.detach(port, 'left')) {
      this.#finish(attempt);
      this.#ports.disconnect(port);
      const failure = isTwice ? TWICE : NOT_QUIET;
      this.#owner.post({ type: 'secure-failed', port: name, failure });
      return;
    }
    attempt.giveUp = this.#host.secure(name, port.stream, (result) => {
      if (!this.#finish(attempt)) {
        if (result.ok) result.stream.destroy();
        return;
      }
      if (result.ok) {
        this.#owner.attach(name, result.stream);
        const secured = this.#ports.get(name);
        if (secured !== undefined) secured.isSecured = true;
        this.#owner.post({ type: 'secured', port: name });
      } else this.#owner.post({ type: 'secure-failed', port: name, failure: result.failure });
    });
  }

  /** Begins to wait for a connection; an earlier attempt for its port is given up. */
  expect(request: ActionOf<'expect'>): void {
    const { port } = request;
    const attempt = this.#begin(port);
    attempt.giveUp = this.#host.expect(request, {
      listening: (address) => {
        if (this.#isCurrent(attempt)) this.#owner.post({ type: 'listening', port, address });
      },
      accepted: (connection) => {
        if (this.#finish(attempt)) this.#accept(port, connection);
        else connection.stream.destroy();
      },
      failed: (failure) => {
        if (this.#finish(attempt)) this.#owner.post({ type: 'expect-failed', port, failure });
      },
    });
  }

  /** Takes further connections of the client, this many at a time; 0 ends that. */
  claim({ max }: ActionOf<'claim'>): void {
    this.#maxClaimed = max;
    // An engine may have computed it: NaN claims nothing either.
    if (!(max >= 1)) {
      this.#endClaim?.();
      this.#endClaim = undefined;
      return;
    }
    this.#endClaim ??= this.#host.claim({
      freePort: () => this.#freeChannel(),
      accepted: (port, connection) => this.#accept(port, connection),
    });
  }

  giveUp(port: Port): void {
    if (this.#attempts.length === 0) return;
    const attempt = this.#attempts.find((one) => one.port === port);
    if (attempt !== undefined && this.#finish(attempt)) attempt.giveUp?.();
  }

  /** Gives up all attempts, and the claim. */
  giveUpAll(): void {
    for (const { port } of this.#attempts) this.giveUp(port);
    this.#endClaim?.();
    this.#endClaim = undefined;
  }

  #begin(port: Port): Attempt {
    this.giveUp(port);
    this.#owner.unpost(port, isOfAttempt);
    const attempt: Attempt = { port, giveUp: undefined };
    this.#attempts = withItem(this.#attempts, attempt);
    return attempt;
  }

  #isCurrent(attempt: Attempt): boolean {
    return this.#attempts.includes(attempt);
  }

  /** Whether an attempt was under way until now. */
  #finish(attempt: Attempt): boolean {
    const before = this.#attempts;
    this.#attempts = withoutItem(before, attempt);
    return this.#attempts !== before;
  }

  #accept(port: Channel, { stream, clientAddress, clientLocal }: Accepted): void {
    this.#owner.attach(port, stream);
    this.#owner.post({ type: 'accepted', port, address: clientAddress, local: clientLocal });
  }

  /** The lowest number that no port has and that nothing is being made for. */
  #freeChannel(): Channel | undefined {
    for (let number = 1; number <= this.#maxClaimed; number++) {
      const name: Channel = `client#${number}`;
      if (this.#ports.get(name) === undefined && !this.#attempts.some(({ port }) => port === name))
        return name;
    }
    return undefined;
  }
}

/** Whether an event speaks of an attempt for a port, and not of the port that is there. */
function isOfAttempt(event: ProxyEvent, name: Port): boolean {
  return ATTEMPT_EVENTS.includes(event.type) && 'port' in event && event.port === name;
}

const ATTEMPT_EVENTS: readonly ProxyEvent['type'][] = [
  'listening',
  'connect-failed',
  'expect-failed',
  'secure-failed',
];

/** Whether an event tells that a port is waited for. */
export function isListening(event: ProxyEvent, name: Port): boolean {
  return event.type === 'listening' && event.port === name;
}

/** Whether an event speaks of a port that is there, and not of an attempt to wait for another one. */
export function isOfPort(event: ProxyEvent, name: Port): boolean {
  if ('port' in event) return event.port === name && event.type !== 'listening';
  return event.type === 'relayed' && event.from === name;
}
