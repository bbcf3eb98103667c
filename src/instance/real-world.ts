// Everything real that an instance stands on, made once: sockets, names, time, and the descriptors that they take.

import { SystemClock } from '../io/clock.ts';
import { collectGarbage } from '../io/collect-garbage.ts';
import { systemDigests } from '../io/digests.ts';
import { DescriptorBudget } from '../io/descriptor-budget.ts';
import { NodeDnsClient } from '../io/dns-query.ts';
import { monitorInterfaces } from '../io/interface-monitor.ts';
import type { InterfaceMonitor } from '../io/interface-monitor.ts';
import { loadLibc } from '../io/libc.ts';
import { linkPair } from '../io/link-stream.ts';
import { contentDecoders } from '../io/content-decoder.ts';
import { SystemNameResolver } from '../io/name-resolver.ts';
import { SystemProgramRunner } from '../io/program-runner.ts';
import { KeptCertificates } from '../io/kept-certificates.ts';
import type { Log } from '../log/log.ts';
import type { AnyService } from '../policy/service.ts';
import { readClientHello } from '../protocols/tls/client-hello.ts';
import { AlarmQueue } from '../session/alarm-queue.ts';
import type { Clock, Connector, DnsClient, Outside } from '../session/outside.ts';
import { chooseIo } from './choose-io.ts';
import type { ShareReading } from './choose-io.ts';
import { chooseTls } from './choose-tls.ts';
import { connectionWorld } from './connection-world.ts';
import type { DriverReading } from './datagram-world.ts';
import { datagramWorld } from './datagram-world.ts';
import { ProviderChecks } from './provider-checks.ts';
import type { OpenListener } from './open-listeners.ts';

// What a stacked proxy may have waiting for its neighbour: as much as a socket, so that it is no bottleneck.
const LINK_HIGH_WATER_MARK = 65_536;

/** Everything real that an instance needs. */
export interface World {
  readonly outside: Outside;
  /** The alarms of its connects, and of all sessions. */
  readonly alarms: AlarmQueue;
  /**
   * Asks for the host names of the policy. Not that of sessions: a client that names many servers whose names nobody
   * answers would take all its places, and keep zones from their addresses.
   */
  readonly policyDns: DnsClient;
  readonly openListener: OpenListener;
  /** Throws an Error with the cure if a service wants what this machine cannot do. */
  readonly checkServices: (services: readonly AnyService[]) => void;
  /** Lets go of what was made for policies so far. A session that still needs it has it made anew. */
  readonly forgetPolicies: () => void;
  /** Follows the interfaces of this machine; to be closed at the end. */
  readonly interfaces: InterfaceMonitor;
}

/** Makes the real world. Throws an Error with the cure if there are too few descriptors to serve anybody, or for a bad ZORP_IO or ZORP_TLS. */
export function realWorld(log: Log): World {
  const budget = DescriptorBudget.ofProcess();
  const clock = new SystemClock();
  const alarms = new AlarmQueue(clock);
  const io = chooseIo({ wanted: process.env['ZORP_IO'], budget, log });
  const interfaces = monitorInterfaces(loadLibc().libc, { clock, log });
  const udp = datagramWorld(driverOf(io), budget, log);
  const tcp = connectionWorld(io, { budget, clock, alarms, log });
  const { tls, certificates, forgetPolicies } = tlsWorld(clock, log);
  const outside: Outside = {
    clock,
    interfaces,
    connector: byProtocol(tcp.connector, udp.connector),
    resolver: new SystemNameResolver(clock),
    dns: new NodeDnsClient(clock),
    openPort: tcp.openPort,
    programs: new SystemProgramRunner(budget),
    passwords: new ProviderChecks(),
    digests: systemDigests,
    random: () => Math.random(),
    linkPair: () => linkPair(LINK_HIGH_WATER_MARK),
    collectGarbage,
    makeDecoder: contentDecoders(),
    tls,
    certificates,
    readHello: readClientHello,
  };
  const openListener: OpenListener = (request, accepted) =>
    request.protocol === 'udp'
      ? udp.openReceiver(request, accepted)
      : tcp.openListener(request, accepted);
  const { checkServices } = tcp;
  const policyDns = new NodeDnsClient(clock);
  return { outside, alarms, policyDns, openListener, checkServices, forgetPolicies, interfaces };
}

/** The part of the world that is TLS. */
function tlsWorld(
  clock: Clock,
  log: Log,
): Pick<Outside, 'tls' | 'certificates'> & Pick<World, 'forgetPolicies'> {
  const filesKept = (message: string): void =>
    log.line(
      'error',
      'tls.files-kept',
      `The files of a certificate have changed and do not fit: what was read before stays: ${message}`,
    );
  const notStored = (message: string): void =>
    log.line(
      'error',
      'tls.certificate-not-stored',
      `Certificates cannot be written to their folder, and are made anew when they are needed: ${message}`,
    );
  const tls = chooseTls({ wanted: process.env['ZORP_TLS'], clock, log, filesKept });
  const certificates = new KeptCertificates(clock, { filesKept, notStored });
  const forgetPolicies = (): void => {
    tls.forgetPolicies();
    certificates.forget();
  };
  return { tls, certificates, forgetPolicies };
}

function driverOf({ share, missing }: ShareReading): DriverReading {
  return share === undefined ? { missing } : { driver: share.driver };
}

function byProtocol(tcp: Connector, udp: Connector): Connector {
  return {
    connect: (request, done) => (request.protocol === 'udp' ? udp : tcp).connect(request, done),
  };
}
