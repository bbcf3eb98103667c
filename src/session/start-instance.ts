// Service.startInstance: limits, counters, the session of the proxy, its route, and the proxy started on its client.

import type { Permitted } from '../policy/decide.ts';
import type { Service } from '../policy/service.ts';
import type { Refusal } from '../proxy/engine.ts';
import { writeRecord } from './connection-record.ts';
import type { GreetingServer } from './detect-service.ts';
import { RunningProxy } from './running-proxy.ts';
import type { Runtime } from './runtime.ts';
import { StackedSession } from './session.ts';
import type { MasterSession } from './session.ts';
import type { Stream } from './stream.ts';

/** The streams that a session begins with. */
export interface SessionStreams {
  readonly client: Stream;
  /** A server that is connected already, because its greeting named the service. */
  readonly server?: GreetingServer | undefined;
}

/** Starts a service for a connection that the policy permits. */
export function startInstance(
  runtime: Runtime,
  master: MasterSession,
  decision: Permitted,
  { client, server }: SessionStreams,
): void {
  const { service, route } = decision;
  if (!runtime.counters.start(service.name, service.limits.maxInstances)) {
    master.connection.end('denied-by-limit', 'limit.max-instances', TOO_MANY);
    client.destroy('reset');
    server?.stream.destroy();
    writeRecord(runtime, master, undefined);
    return;
  }
  if (service.keepalive === 'client' || service.keepalive === 'both') client.keepAlive();
  const session = new StackedSession(master, service.proxy.name);
  session.setRoute(route);
  const beginning = server === undefined ? undefined : { server };
  new RunningProxy(runtime, session, service, beginning).start(client);
}

/** Lets the proxy of a refused connection tell its client why. It never connects: the server side would refuse too. */
export function startRefusal(
  runtime: Runtime,
  master: MasterSession,
  refused: { readonly service: Service; readonly refusal: Refusal },
  client: Stream,
): void {
  const { service, refusal } = refused;
  const session = new StackedSession(master, service.proxy.name);
  runtime.toldRefusals++;
  new RunningProxy(runtime, session, service, { refusal }).start(client);
}

const TOO_MANY = 'The service has as many sessions as it may have';
