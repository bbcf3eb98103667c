// The part of the world that is UDP: receivers, and the server sides of their sessions. Node's own UDP sockets know nothing
// of original destinations and of addresses of others, so all of it stands on the driver.

import type { SocketAddress } from '../address/socket-address.ts';
import { DatagramConnector } from '../io/datagram-connector.ts';
import { DatagramMemory } from '../io/datagram-memory.ts';
import { DatagramReceivers } from '../io/datagram-receiver.ts';
import type { ReceiverHandlers } from '../io/datagram-receiver.ts';
import type { DroppedDatagrams } from '../io/datagram-stream.ts';
import type { DescriptorBudget } from '../io/descriptor-budget.ts';
import type { Driver } from '../io/driver.ts';
import type { Log } from '../log/log.ts';
import type { Connector } from '../session/outside.ts';
import type { OpenListener, SocketRequest } from './open-listeners.ts';

/** Receivers and server sides for datagrams. */
export interface DatagramWorld {
  readonly openReceiver: OpenListener;
  readonly connector: Connector;
}

/** The driver, or a sentence that says why there is none. */
export type DriverReading =
  | { readonly driver: Driver; readonly missing?: never }
  | { readonly driver?: never; readonly missing: string };

/** Makes the world of datagrams. Without a driver nothing can be opened, and the sentence says why. */
export function datagramWorld(
  { driver, missing }: DriverReading,
  budget: DescriptorBudget,
  log: Log,
): DatagramWorld {
  if (driver === undefined) return worldWithout(missing);
  const { libc } = driver;
  const system = { libc, driver, memory: new DatagramMemory(libc) };
  const receivers = new DatagramReceivers(system, budget);
  return {
    openReceiver: (request, accepted) => {
      const { bind, listener } = request;
      const settings = {
        transparent: listener.transparent,
        receiveBufferBytes: listener.datagrams.receiveBufferBytes,
        maxSessions: () => (request.current() ?? listener).datagrams.maxSessions,
      };
      const handlers = { accepted, ...receiverLog(request, log) };
      return new Promise((resolve) => {
        resolve(receivers.open(bind, settings, handlers)); // what it throws is a rejection
      });
    },
    connector: new DatagramConnector({
      system,
      budget,
      dropped: (server, dropped) => tellDropped(log, 'server', server, dropped),
    }),
  };
}

function worldWithout(missing: string): DatagramWorld {
  return {
    openReceiver: ({ bind }) =>
      Promise.reject(new Error(`Cannot receive datagrams on ${String(bind)}: ${missing}`)),
    connector: {
      connect: (_request, done) => {
        queueMicrotask(() => done({ ok: false, error: 'EPROTONOSUPPORT' }));
        return () => undefined;
      },
    },
  };
}

/** What the log says of a receiver. */
function receiverLog(request: SocketRequest, log: Log): Omit<ReceiverHandlers, 'accepted'> {
  const where = { listener: String(request.bind) };
  return {
    exhausted: (shortage) => {
      const { maxSessions } = (request.current() ?? request.listener).datagrams;
      const message =
        shortage === 'sessions'
          ? `There are ${maxSessions} sessions, as many as maxSessions allows: datagrams of new clients are dropped until others end`
          : 'The descriptors run out: datagrams of new clients are dropped until sessions end. Raise "ulimit -n" or LimitNOFILE=';
      log.line('error', 'receiver.exhausted', message, { ...where, shortage });
    },
    recovered: ({ dropped }) => {
      const message = 'There is room again: new clients are received';
      log.line('info', 'receiver.recovered', message, { ...where, dropped });
    },
    dropped: (client, dropped) => tellDropped(log, 'client', client, dropped),
    failed: (error) => {
      const message = 'The system could not read a datagram, or gave no socket to a client';
      log.line('error', 'receiver.failed', message, { ...where, error });
    },
  };
}

function tellDropped(
  log: Log,
  side: 'client' | 'server',
  address: SocketAddress,
  dropped: DroppedDatagrams,
): void {
  const message = 'Datagrams of a session were dropped';
  log.line('info', 'datagrams.dropped', message, { [side]: String(address), ...dropped });
}
