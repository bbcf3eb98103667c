// The part of the world that is TCP: on the driver, or on node:net, which has no way to be transparent and to mark packets.

import type { SocketAddress } from '../address/socket-address.ts';
import type { DescriptorBudget } from '../io/descriptor-budget.ts';
import { DriverConnector } from '../io/driver-connector.ts';
import { listenOnDriver } from '../io/driver-listener.ts';
import { TcpConnector } from '../io/connector.ts';
import { openExpectedPort } from '../io/expected-port.ts';
import type { Listen, ListenHandlers, Listening } from '../io/listener.ts';
import { listen, ListenError } from '../io/listener.ts';
import type { Log } from '../log/log.ts';
import type { AnyService } from '../policy/service.ts';
import type { AlarmQueue } from '../session/alarm-queue.ts';
import type { Clock, Connector, Outside } from '../session/outside.ts';
import type { ShareReading } from './choose-io.ts';
import type { OpenListener } from './open-listeners.ts';

/** Listeners and connections of TCP. */
export interface ConnectionWorld {
  readonly openListener: OpenListener;
  readonly connector: Connector;
  readonly openPort: Outside['openPort'];
  /** Throws an Error with the cure if a service wants of its server connections what they cannot have here. */
  readonly checkServices: (services: readonly AnyService[]) => void;
}

/** What the world of TCP is made of. */
export interface ConnectionWorldParts {
  readonly budget: DescriptorBudget;
  readonly clock: Clock;
  readonly alarms: AlarmQueue;
  readonly log: Log;
}

/** Makes the world of TCP. */
export function connectionWorld(
  reading: ShareReading,
  { budget, clock, alarms, log }: ConnectionWorldParts,
): ConnectionWorld {
  return {
    openListener: listenerOpener(reading, budget, log),
    connector:
      reading.share === undefined
        ? new TcpConnector({ clock, budget })
        : new DriverConnector({ share: reading.share, alarms }),
    openPort: (at, watcher) => openExpectedPort(budget, at, watcher, listenAnywhere(reading)),
    checkServices: (services) => checkServices(services, reading),
  };
}

function listenerOpener(
  { share, missing }: ShareReading,
  budget: DescriptorBudget,
  log: Log,
): OpenListener {
  return (request, accepted) => {
    const { bind, listener } = request;
    const { backlog, transparent, divertedBy } = listener;
    const handlers = { accepted, ...listenerLog(bind, log) };
    if (share === undefined)
      return transparent
        ? Promise.reject(new Error(noDriver(bind, missing)))
        : listen(bind, { backlog, budget }, handlers);
    const redirected = transparent && divertedBy === 'redirect';
    const options = {
      backlog,
      transparent: transparent && !redirected,
      redirected,
      // Rules are all that asks for it; a reload may put a listener that asks them on the same socket.
      wantsInterface: () => (request.current() ?? listener).type === 'rule',
    };
    return listenOnDriver(share, bind, options, handlers);
  };
}

function noDriver(bind: SocketAddress, missing: string): string {
  return `Cannot listen on ${String(bind)} for what is meant for others, which needs the driver: ${missing}`;
}

/** What the log says of a listener. */
function listenerLog(bind: SocketAddress, log: Log): Omit<ListenHandlers, 'accepted'> {
  const listener = String(bind);
  return {
    exhausted: (what) => {
      const then = what === 'wait' ? 'wait' : 'are reset';
      const message = `The descriptors run out: new connections ${then} until others end. Raise "ulimit -n" or LimitNOFILE=`;
      log.line('error', 'listener.exhausted', message, { listener });
    },
    recovered: ({ refused }) => {
      const message = 'There are descriptors again: new connections are accepted';
      log.line('info', 'listener.recovered', message, { listener, refused });
    },
    failed: (error) => {
      const message = 'The system could not hand over a connection';
      log.line('error', 'listener.failed', message, { listener, error });
    },
  };
}

/** Opens a port at an address of this machine, or else as a transparent one, at an address that a peer takes for another's. */
function listenAnywhere({ share }: ShareReading): Listen {
  if (share === undefined) return listen;
  return async (at, options, handlers): Promise<Listening> => {
    try {
      return await listenOnDriver(share, at, options, handlers);
    } catch (error) {
      if (!(error instanceof ListenError) || error.code !== 'EADDRNOTAVAIL') throw error;
      return listenOnDriver(share, at, { ...options, transparent: true }, handlers);
    }
  };
}

/** Without the driver a mark would be left out silently, and with it what routes and filters by it. */
function checkServices(services: readonly AnyService[], { missing }: ShareReading): void {
  if (missing === undefined) return;
  for (const service of services) {
    if (service.kind !== 'service') continue;
    const option = service.serverMark === undefined ? 'serverTos' : 'serverMark';
    if (service[option] === undefined) continue;
    throw new Error(
      `Service ${service.name} cannot have a ${option}, which needs the driver: ${missing}`,
    );
  }
}
