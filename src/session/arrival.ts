// A connection that has arrived: what is decided about it, and the session that is made of a decision.

import type { SocketAddress } from '../address/socket-address.ts';
import type { Decision } from '../policy/decide.ts';
import type { ListenedFacts } from '../policy/decision.ts';
import { PROTOCOL_NUMBERS } from '../policy/ip-protocol.ts';
import type { Listener } from '../policy/make-listener.ts';
import type { Revision } from './connection.ts';
import type { Accepted } from './outside.ts';
import type { Runtime } from './runtime.ts';
import { MasterSession } from './session.ts';

/** What is known of a connection when it arrives: all that is decided by, and the surroundings. */
export interface Arrival extends ListenedFacts {
  readonly runtime: Runtime;
  readonly revision: Revision;
  readonly protocol: number;
  /** Who is connected, where a PROXY header said that the client is somebody else. */
  readonly peer: SocketAddress | undefined;
}

/** Of no interface (if_nametoindex(3)). */
const NO_INDEX = 0;

/** The arrival of a connection that a listener accepted. */
export function arrivalOf(
  runtime: Runtime,
  revision: Revision,
  listener: Listener,
  { clientAddress, clientLocal, peer, interfaceIndex = NO_INDEX, stream }: Accepted,
): Arrival {
  const { instance, outside } = runtime;
  const interfaces = outside.interfaces.table;
  // The word of the administrator counts before that of the system.
  const incoming = listener.incoming ?? interfaces.byIndex(interfaceIndex);
  const { tcp, udp } = PROTOCOL_NUMBERS;
  return {
    runtime,
    revision,
    instance,
    listener,
    client: clientAddress,
    local: clientLocal,
    protocol: stream.framing === 'datagrams' ? udp : tcp,
    incoming,
    interfaces,
    peer,
  };
}

/** Makes the session of an arrival under a decision; it takes the next number of the service. */
export function masterOf(
  arrival: Arrival,
  decision: Pick<Decision, 'rule' | 'service' | 'clientZone'>,
): MasterSession {
  const { counters, outside } = arrival.runtime;
  const startedAt = outside.clock.monotonic();
  return new MasterSession({
    loaded: arrival.revision,
    instance: arrival.instance,
    listener: arrival.listener,
    protocol: arrival.protocol === PROTOCOL_NUMBERS.udp ? 'udp' : 'tcp',
    rule: decision.rule,
    service: decision.service,
    instanceId: counters.nextInstanceId(decision.service?.name ?? ''),
    clientAddress: arrival.client,
    clientLocal: arrival.local,
    clientZone: decision.clientZone,
    peer: arrival.peer,
    startedAt: outside.clock.now(startedAt),
    startedMonotonic: Math.round(startedAt), // V8 keeps whole numbers without an object for each
  });
}
