// Dispatch: from an accepted connection to the service that takes it, or to its refusal.

import { decide } from '../policy/decide.ts';
import type { Refused } from '../policy/decide.ts';
import type { Listener } from '../policy/listener.ts';
import type { AnyService } from '../policy/service.ts';
import { writeRecord } from './connection-record.ts';
import type { Accepted } from './outside.ts';
import type { Runtime } from './runtime.ts';
import type { Revision } from './connection.ts';
import { MasterSession } from './session.ts';
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
  try {
    if (runtime.claims.offer(listener?.name, accepted)) return;
    if (listener === undefined) turnAway(runtime, accepted);
    else decideAndStart(runtime, revision, listener, accepted);
  } catch (bug) {
    const stack = bug instanceof Error ? bug.stack : String(bug);
    const message = 'A connection could not be dispatched on an error of Zorp';
    const client = String(accepted.clientAddress);
    runtime.log.line('error', 'session.internal-error', message, { client, stack });
    accepted.stream.destroy('reset');
  }
}

/** Nobody takes a connection: a reload has closed its listener since it was accepted. */
function turnAway(runtime: Runtime, { stream, clientAddress, clientLocal }: Accepted): void {
  stream.destroy('reset');
  const message = 'A connection was reset, because nobody listens there any more';
  const fields = { client: String(clientAddress), local: String(clientLocal) };
  runtime.log.line('policy', 'dispatch.unclaimed', message, fields);
}

function decideAndStart(
  runtime: Runtime,
  revision: Revision,
  listener: Listener,
  accepted: Accepted,
): void {
  const { clientAddress, clientLocal, stream } = accepted;
  const { instance } = runtime;
  const decision = decide(revision.policy, {
    instance,
    listener,
    client: clientAddress,
    local: clientLocal,
  });
  const master = new MasterSession({
    loaded: revision,
    instance,
    listener,
    service: decision.service,
    instanceId: runtime.counters.nextInstanceId(decision.service?.name ?? ''),
    clientAddress,
    clientLocal,
    clientZone: decision.clientZone,
    startedAt: runtime.outside.clock.now(),
    startedMonotonic: runtime.outside.clock.monotonic(),
  });
  if (decision.outcome === 'permitted') startInstance(runtime, master, decision, stream);
  else refuse(runtime, master, decision, stream);
}

function refuse(runtime: Runtime, master: MasterSession, decision: Refused, client: Stream): void {
  const { service, refusal } = decision;
  master.connection.end(refusal.verdict, refusal.reason, refusal.message);
  const canTell = service?.kind === 'service' && service.proxy.tellsRefusals;
  if (canTell && runtime.toldRefusals < MAX_TOLD_REFUSALS) {
    startRefusal(runtime, master, { service, refusal }, client);
    return;
  }
  client.destroy(howToClose(service));
  if (service?.kind !== 'deny-service' || service.logging) writeRecord(runtime, master, undefined);
}

function howToClose(service: AnyService | undefined): 'reset' | undefined {
  return service?.kind === 'deny-service' && service.reply === 'tcp-reset' ? 'reset' : undefined;
}
