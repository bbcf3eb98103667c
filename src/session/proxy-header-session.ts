// A connection of a load balancer whose PROXY header is awaited: it counts as a running session, can be aborted, and
// leaves a record if nothing comes of it.

import { findZone } from '../policy/policy.ts';
import type { ProxyProtocol } from '../policy/proxy-protocol.ts';
import { beginsWithHeader } from '../policy/proxy-protocol.ts';
import type { HeaderReading } from '../proxy/proxy-header.ts';
import { MAX_PROXY_HEADER_BYTES, readProxyHeader } from '../proxy/proxy-header.ts';
import type { Bytes } from '../proxy/engine.ts';
import type { Verdict } from '../proxy/verdict.ts';
import type { Arrival } from './arrival.ts';
import { masterOf } from './arrival.ts';
import type { Revision } from './connection.ts';
import { writeRecord } from './connection-record.ts';
import type { Accepted } from './outside.ts';
import { PeekStream } from './peek-stream.ts';
import type { RunningSession } from './running-sessions.ts';

/**
 * Learns of a connection to a listener with `proxyProtocol` who its client is. `done` gets what goes on: the connection as
 * it is, or, perhaps later, without its header and with the addresses of that. It is not called for what is refused.
 */
export function takeProxyHeader(
  arrival: Arrival,
  accepted: Accepted,
  done: (accepted: Accepted) => void,
): void {
  const { proxyProtocol } = arrival.listener;
  const { address } = accepted.clientAddress;
  const zone = findZone(arrival.revision.policy, address);
  if (proxyProtocol === undefined) done(accepted);
  else if (beginsWithHeader(proxyProtocol, address, zone))
    new ProxyHeaderSession(arrival, accepted, done).start(proxyProtocol);
  else if (proxyProtocol.others === 'plain') done(accepted);
  else {
    accepted.stream.destroy('reset');
    record(arrival, 'denied-by-policy', 'proxy-protocol.untrusted-peer', UNTRUSTED);
  }
}

const UNTRUSTED = 'The listener takes connections only from its load balancers';
const LATE = 'The PROXY header did not come in time';
const LOST = 'The connection ended before its PROXY header was complete';

/** Writes the record of a connection whose client nobody knows. */
function record(arrival: Arrival, verdict: Verdict, reason: string, message?: string): void {
  const { revision, client, runtime } = arrival;
  const clientZone = findZone(revision.policy, client.address);
  const master = masterOf(arrival, { rule: undefined, service: undefined, clientZone });
  master.connection.end(verdict, reason, message);
  writeRecord(runtime, master, undefined);
}

class ProxyHeaderSession implements RunningSession {
  readonly id: string;
  readonly loaded: Revision;
  place = 0;
  readonly #arrival: Arrival;
  readonly #accepted: Accepted;
  readonly #done: (accepted: Accepted) => void;
  readonly #stream: PeekStream;
  #cancelTimer = (): void => undefined;
  #isOver = false;

  constructor(arrival: Arrival, accepted: Accepted, done: (accepted: Accepted) => void) {
    this.id = `svc/${arrival.instance}/proxy-header/${String(arrival.client)}`;
    this.loaded = arrival.revision;
    this.#arrival = arrival;
    this.#accepted = accepted;
    this.#done = done;
    this.#stream = new PeekStream(accepted.stream, MAX_PROXY_HEADER_BYTES);
  }

  start({ timeoutMs }: ProxyProtocol): void {
    const { outside, sessions } = this.#arrival.runtime;
    sessions.add(this);
    this.#cancelTimer = outside.clock.after(timeoutMs, () => {
      this.#refuse('denied-by-limit', 'proxy-protocol.timeout', LATE);
    });
    this.#stream.watch({
      peeked: (bytes, { isComplete }) => this.#look(bytes, isComplete),
      lost: () => {
        if (this.#end()) record(this.#arrival, 'accepted', 'proxy-protocol.peer-lost', LOST);
      },
    });
  }

  abort(reason: string): void {
    this.#refuse('aborted-by-policy-action', reason);
  }

  #look(bytes: Bytes, isComplete: boolean): void {
    const reading = readProxyHeader(bytes);
    if (reading.state === 'complete') this.#take(reading);
    else if (reading.state === 'faulty')
      this.#refuse('denied-by-policy', `proxy-protocol.${reading.fault}`, reading.message);
    else if (isComplete) this.#refuse('accepted', 'proxy-protocol.peer-lost', LOST);
  }

  #take({ length, ends }: Extract<HeaderReading, { state: 'complete' }>): void {
    if (!this.#end()) return;
    const stream = this.#stream;
    stream.stopWatching(length);
    const { clientAddress } = this.#accepted;
    const named =
      ends === undefined
        ? {}
        : { clientAddress: ends.client, clientLocal: ends.local, peer: clientAddress };
    this.#done({ ...this.#accepted, ...named, stream });
  }

  #refuse(verdict: Verdict, reason: string, message?: string): void {
    if (!this.#end()) return;
    this.#stream.destroy('reset');
    record(this.#arrival, verdict, reason, message);
  }

  /** Ends the wait; false if it is over already. */
  #end(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#cancelTimer();
    this.#arrival.runtime.sessions.delete(this);
    return true;
  }
}
