// Everything real that an instance stands on, made once: sockets, names, time, and the descriptors that they take.

import type { SocketAddress } from '../address/socket-address.ts';
import { SystemClock } from '../io/clock.ts';
import { TcpConnector } from '../io/connector.ts';
import { DescriptorBudget } from '../io/descriptor-budget.ts';
import { DriverConnector } from '../io/driver-connector.ts';
import { listenOnDriver } from '../io/driver-listener.ts';
import { NodeDnsClient } from '../io/dns-query.ts';
import { openExpectedPort } from '../io/expected-port.ts';
import { monitorInterfaces } from '../io/interface-monitor.ts';
import type { InterfaceMonitor } from '../io/interface-monitor.ts';
import { loadLibc } from '../io/libc.ts';
import { linkPair } from '../io/link-stream.ts';
import { listen } from '../io/listener.ts';
import type { Listen, ListenHandlers } from '../io/listener.ts';
import { SystemNameResolver } from '../io/name-resolver.ts';
import { SystemProgramRunner } from '../io/program-runner.ts';
import type { StreamShare } from '../io/stream-share.ts';
import type { Log } from '../log/log.ts';
import type { Connector, DnsClient, Outside } from '../session/outside.ts';
import { chooseIo } from './choose-io.ts';
import type { ShareReading } from './choose-io.ts';
import type { DriverReading, DatagramWorld } from './datagram-world.ts';
import { datagramWorld } from './datagram-world.ts';
import type { OpenListener } from './open-listeners.ts';

// What a stacked proxy may have waiting for its neighbour: as much as a socket, so that it is no bottleneck.
const LINK_HIGH_WATER_MARK = 65_536;

/** Everything real that an instance needs. */
export interface World {
  readonly outside: Outside;
  /**
   * Asks for the host names of the policy. Not that of sessions: a client that names many servers whose names nobody
   * answers would take all its places, and keep zones from their addresses.
   */
  readonly policyDns: DnsClient;
  readonly openListener: OpenListener;
  /** Follows the interfaces of this machine; to be closed at the end. */
  readonly interfaces: InterfaceMonitor;
}

/** Makes the real world. Throws an Error with the cure if there are too few descriptors to serve anybody, or for a bad ZORP_IO. */
export function realWorld(log: Log): World {
  const budget = DescriptorBudget.ofProcess();
  const clock = new SystemClock();
  const io = chooseIo({ wanted: process.env['ZORP_IO'], budget, log });
  const { share } = io;
  const listenTcp = share === undefined ? listen : listenWith(share);
  const interfaces = monitorInterfaces(loadLibc().libc, { clock, log });
  const datagrams = datagramWorld(driverOf(io), budget, log);
  const outside: Outside = {
    clock,
    interfaces,
    connector: byProtocol(
      share === undefined
        ? new TcpConnector({ clock, budget })
        : new DriverConnector({ share, clock }),
      datagrams.connector,
    ),
    resolver: new SystemNameResolver(clock),
    dns: new NodeDnsClient(clock),
    openPort: (at, watcher) => openExpectedPort(budget, at, watcher, listenTcp),
    programs: new SystemProgramRunner(budget),
    random: () => Math.random(),
    linkPair: () => linkPair(LINK_HIGH_WATER_MARK),
  };
  const openListener = openWith(listenTcp, { budget, log, datagrams });
  return { outside, policyDns: new NodeDnsClient(clock), openListener, interfaces };
}

function driverOf({ share, missing }: ShareReading): DriverReading {
  return share === undefined ? { missing } : { driver: share.driver };
}

function byProtocol(tcp: Connector, udp: Connector): Connector {
  return {
    connect: (request, done) => (request.protocol === 'udp' ? udp : tcp).connect(request, done),
  };
}

function listenWith(share: StreamShare): Listen {
  return (at, options, handlers) => listenOnDriver(share, at, options, handlers);
}

interface OpenerParts {
  readonly budget: DescriptorBudget;
  readonly log: Log;
  readonly datagrams: DatagramWorld;
}

function openWith(listenTcp: Listen, { budget, log, datagrams }: OpenerParts): OpenListener {
  return (request, accepted) => {
    const { bind, protocol, listener } = request;
    if (protocol === 'udp') return datagrams.openReceiver(request, accepted);
    const options = { backlog: listener.backlog, budget };
    return listenTcp(bind, options, { accepted, ...listenerLog(bind, log) });
  };
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
