// Dispatch: from an accepted connection to the service that takes it, or to its refusal.

import type { SocketAddress } from '../address/socket-address.ts';
import { decide } from '../policy/decide.ts';
import type { Detecting, Permitted, Refused } from '../policy/decide.ts';
import type { Listener } from '../policy/make-listener.ts';
import { closingFor } from '../policy/refusal-kind.ts';
import type { AnyService } from '../policy/service.ts';
import type { Arrival } from './arrival.ts';
import { arrivalOf, masterOf } from './arrival.ts';
import { writeRecord } from './connection-record.ts';
import { detectSession } from './detecting-session.ts';
import type { Accepted } from './outside.ts';
import type { Runtime } from './runtime.ts';
import type { Revision } from './connection.ts';
import type { MasterSession } from './session.ts';
import type { SessionStreams } from './start-instance.ts';
import { takeProxyHeader } from './proxy-header-session.ts';
import { startInstance, startRefusal } from './start-instance.ts';
import type { Stream } from './stream.ts';

// Refused clients may be told why, which keeps a connection open for a moment. A crowd of them is just closed.
const MAX_TOLD_REFUSALS = 256;

/**
 * Offers an accepted connection to the sessions that wait for it; what none of them takes is decided under the policy,
 * and what was decided is started. `listener` is undefined if it has been closed since. A bug of ours ends this
 * connection and nothing else.
 */
export function dispatch(
  runtime: Runtime,
  revision: Revision,
  listener: Listener | undefined,
  accepted: Accepted,
): void {
  if (listener?.proxyProtocol === undefined) arrive(runtime, revision, listener, accepted);
  else arriveWithHeader(runtime, revision, listener, accepted);
}

/** A connection to a listener of load balancers: these say first who the client is. */
function arriveWithHeader(
  runtime: Runtime,
  revision: Revision,
  listener: Listener,
  accepted: Accepted,
): void {
  try {
    takeProxyHeader(arrivalOf(runtime, revision, listener, accepted), accepted, (client) => {
      arrive(runtime, revision, listener, client);
    });
  } catch (bug) {
    drop(runtime, accepted, bug);
  }
}

/** A connection of which is known who its client is. */
function arrive(
  runtime: Runtime,
  revision: Revision,
  listener: Listener | undefined,
  accepted: Accepted,
): void {
  try {
    if (runtime.claims.offer(listener?.name, accepted)) return;
    if (listener === undefined) turnAway(runtime, accepted);
    else decideAndStart(arrivalOf(runtime, revision, listener, accepted), accepted.stream);
  } catch (bug) {
    drop(runtime, accepted, bug);
  }
}

type Client = Pick<Accepted, 'clientAddress' | 'stream'>;

/** A bug of ours ends one connection. */
function drop(runtime: Runtime, { clientAddress, stream }: Client, bug: unknown): void {
  const stack = bug instanceof Error ? bug.stack : String(bug);
  const message = 'A connection could not be dispatched on an error of Zorp';
  const client = String(clientAddress);
  runtime.log.line('error', 'session.internal-error', message, { client, stack });
  stream.destroy('reset');
}

/** Nobody takes a connection: a reload has closed its listener since it was accepted. */
function turnAway(runtime: Runtime, { stream, clientAddress, clientLocal }: Accepted): void {
  stream.destroy('reset');
  const message = 'A connection was reset, because nobody listens there any more';
  const fields = { client: String(clientAddress), local: String(clientLocal) };
  runtime.log.line('policy', 'dispatch.unclaimed', message, fields);
}

function decideAndStart(arrival: Arrival, client: Stream): void {
  const { runtime, revision } = arrival;
  const decision = decide(revision.policy, arrival, 'untraced');
  if (decision.rule !== undefined) runtime.collisions.note(decision.rule);
  if (decision.outcome === 'detecting') detectAndStart(arrival, decision, client);
  else startDecided(runtime, masterOf(arrival, decision), decision, { client });
}

/** The first bytes say what is started. */
function detectAndStart(arrival: Arrival, decision: Detecting, stream: Stream): void {
  const { runtime, client: clientAddress } = arrival;
  detectSession(arrival, decision, stream, (detected) => {
    try {
      startDecided(runtime, detected.master, detected.decision, detected);
    } catch (bug) {
      drop(runtime, { clientAddress, stream: detected.client }, bug);
    }
  });
}

/** Starts what was decided, or refuses it. */
function startDecided(
  runtime: Runtime,
  master: MasterSession,
  decision: Permitted | Refused,
  streams: SessionStreams,
): void {
  if (decision.outcome === 'permitted') startInstance(runtime, master, decision, streams);
  else refuse(runtime, master, decision, streams.client);
}

function refuse(runtime: Runtime, master: MasterSession, decision: Refused, client: Stream): void {
  const { service, refusal } = decision;
  master.connection.end(refusal.verdict, refusal.reason, refusal.message);
  const canTell = service?.kind === 'service' && service.proxy.tellsRefusals;
  if (canTell && runtime.toldRefusals < MAX_TOLD_REFUSALS) {
    startRefusal(runtime, master, { service, refusal }, client);
    return;
  }
  client.destroy(howToClose(service, master.connection.facts.clientAddress));
  if (service?.kind !== 'deny-service' || service.logging) writeRecord(runtime, master, undefined);
}

function howToClose(
  service: AnyService | undefined,
  { address }: SocketAddress,
): 'reset' | undefined {
  return service?.kind === 'deny-service' ? closingFor(service, address.family) : undefined;
}
