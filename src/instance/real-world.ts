// Everything real that an instance stands on, made once: sockets, names, time, and the descriptors that they take.

import { SystemClock } from '../io/clock.ts';
import { TcpConnector } from '../io/connector.ts';
import { DescriptorBudget } from '../io/descriptor-budget.ts';
import { NodeDnsClient } from '../io/dns-query.ts';
import { Driver } from '../io/driver.ts';
import { openExpectedPort } from '../io/expected-port.ts';
import { monitorInterfaces } from '../io/interface-monitor.ts';
import type { InterfaceMonitor } from '../io/interface-monitor.ts';
import { loadLibc } from '../io/libc.ts';
import { linkPair } from '../io/link-stream.ts';
import { listen } from '../io/listener.ts';
import { SystemNameResolver } from '../io/name-resolver.ts';
import { SystemProgramRunner } from '../io/program-runner.ts';
import type { Log } from '../log/log.ts';
import type { Connector, DnsClient, Outside } from '../session/outside.ts';
import type { DatagramWorld, DriverReading } from './datagram-world.ts';
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

/** Makes the real world. Throws a RangeError with the cure if there are too few descriptors to serve anybody. */
export function realWorld(log: Log): World {
  const budget = DescriptorBudget.ofProcess();
  const clock = new SystemClock();
  const interfaces = monitorInterfaces(loadLibc().libc, { clock, log });
  const datagrams = datagramWorld(readDriver(), budget, log);
  const outside: Outside = {
    clock,
    interfaces,
    connector: byProtocol(new TcpConnector({ clock, budget }), datagrams.connector),
    resolver: new SystemNameResolver(clock),
    dns: new NodeDnsClient(clock),
    openPort: (at, watcher) => openExpectedPort(budget, at, watcher),
    programs: new SystemProgramRunner(budget),
    random: () => Math.random(),
    linkPair: () => linkPair(LINK_HIGH_WATER_MARK),
  };
  const openListener = openWith(budget, log, datagrams);
  return { outside, policyDns: new NodeDnsClient(clock), openListener, interfaces };
}

/** Node's own sockets, or where that is asked for by ZORP_IO=net, nothing beside them. */
function readDriver(): DriverReading {
  if (process.env['ZORP_IO'] === 'net')
    return { missing: 'ZORP_IO=net is set, and node:net has no sockets for them: unset it' };
  const { libc, missing } = loadLibc();
  return libc === undefined ? { missing } : { driver: new Driver(libc) };
}

/** A UDP connect is for the driver, any other for node:net. */
function byProtocol(tcp: Connector, udp: Connector): Connector {
  return {
    connect: (request, done) => (request.protocol === 'udp' ? udp : tcp).connect(request, done),
  };
}

function openWith(budget: DescriptorBudget, log: Log, datagrams: DatagramWorld): OpenListener {
  return (request, accepted) => {
    const { bind, protocol, listener } = request;
    if (protocol === 'udp') return datagrams.openReceiver(request, accepted);
    return listen(
      bind,
      { backlog: listener.backlog, budget },
      {
        accepted,
        exhausted: () => {
          const message =
            'The descriptors run out: new connections are reset until others end. Raise "ulimit -n" or LimitNOFILE=';
          log.line('error', 'listener.exhausted', message, { listener: String(bind) });
        },
        recovered: ({ refused }) => {
          const message = 'There are descriptors again: new connections are accepted';
          log.line('info', 'listener.recovered', message, { listener: String(bind), refused });
        },
        failed: (error) => {
          const message = 'The system could not hand over a connection';
          log.line('error', 'listener.failed', message, { listener: String(bind), error });
        },
      },
    );
  };
}
