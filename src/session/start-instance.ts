// Service.startInstance: limits, counters, the session of the proxy, its route, and the proxy started on its client.

import type { Permitted } from '../policy/decide.ts';
import type { Service } from '../policy/service.ts';
import type { Refusal } from '../proxy/engine.ts';
import { writeRecord } from './connection-record.ts';
import type { GreetingServer } from './detect-service.ts';
import { makeEngine } from './make-engine.ts';
import { Pump } from './pump.ts';
import type { Runtime } from './runtime.ts';
import { StackedSession } from './session.ts';
import type { MasterSession } from './session.ts';
import { SessionHost } from './session-host.ts';
import { SideStack } from './side-stack.ts';
import type { Stream } from './stream.ts';

/** The streams that a session begins with. */
export interface SessionStreams {
  readonly client: Stream;
  /** A server that is connected already, because its greeting named the service. */
  readonly server?: GreetingServer | undefined;
}

/** Starts a service for a connection that the policy permits (reference: order on accept, steps 9 to 17). */
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
  runProxy(runtime, { session, service, client, server }, () => {
    runtime.counters.stop(service.name);
  });
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
  runProxy(runtime, { session, service, client, refusal }, () => {
    runtime.toldRefusals--;
  });
}

const TOO_MANY = 'The service has as many sessions as it may have';

interface ProxyStart {
  readonly session: StackedSession;
  readonly service: Service;
  readonly client: Stream;
  readonly server?: GreetingServer | undefined;
  readonly refusal?: Refusal;
}

function runProxy(runtime: Runtime, start: ProxyStart, finished: () => void): void {
  const { session, service, client, server, refusal } = start;
  const { master } = session;
  const beside = new SideStack(runtime, session, service.chainer);
  const host = new SessionHost(
    runtime,
    { session, server, beside },
    {
      closed: (verdict, reason, message) => {
        master.connection.end(verdict, reason, message);
      },
      finished: (bytes) => {
        runtime.sessions.delete(running);
        beside.end();
        finished();
        writeRecord(runtime, master, bytes);
      },
    },
  );
  const pump = new Pump(makeEngine(service, session, refusal), host);
  const running = {
    id: session.sessionId,
    loaded: session.connection.facts.loaded,
    abort: (reason: string): void => {
      pump.abort('aborted-by-policy-action', reason);
    },
  };
  runtime.sessions.add(running);
  pump.start(client);
}
