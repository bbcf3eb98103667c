// The world of sessions in tests: a fake outside, a log in memory, and policies whose proxies are functions.
import { AlarmQueue } from '../../src/session/alarm-queue.ts';
import { InterfaceTable } from '../../src/address/interface-table.ts';
import { SocketAddress } from '../../src/address/socket-address.ts';
import { IpAddress } from '../../src/address/ip-address.ts';
import { contentDecoders } from '../../src/io/content-decoder.ts';
import { linkPair } from '../../src/io/link-stream.ts';
import { definePolicy } from '../../src/policy/define-policy.ts';
import type { Listener } from '../../src/policy/make-listener.ts';
import { listener } from '../../src/policy/listener.ts';
import { bindsOverlap } from '../../src/policy/own-address.ts';
import type { Router } from '../../src/policy/router.ts';
import { directedRouter } from '../../src/policy/router.ts';
import type { AnyService, Service, ServiceOptions } from '../../src/policy/service.ts';
import { service } from '../../src/policy/service.ts';
import type { Zone } from '../../src/policy/zone.ts';
import { zone } from '../../src/policy/zone.ts';
import type {
  ProxyAction,
  ProxyContext,
  ProxyEvent,
  ProxyFactory,
} from '../../src/proxy/engine.ts';
import type { ProvedUser } from '../../src/policy/authentication-provider.ts';
import { Claims } from '../../src/session/claims.ts';
import { Availability } from '../../src/session/availability.ts';
import { AuthenticationStates } from '../../src/session/authentication-state.ts';
import { ChainerStates } from '../../src/session/chainer-state.ts';
import { dispatch } from '../../src/session/dispatch.ts';
import { Expectations } from '../../src/session/expectations.ts';
import type {
  ConnectRequest,
  ConnectResult,
  DnsAnswer,
  DnsQuestion,
  Outside,
  PortWatcher,
  ResolveResult,
} from '../../src/session/outside.ts';
import { systemDigests } from '../../src/io/digests.ts';
import type { Runtime } from '../../src/session/runtime.ts';
import { RestGarbage } from '../../src/session/rest-garbage.ts';
import { RuleCollisions } from '../../src/session/rule-collisions.ts';
import { RunningSessions } from '../../src/session/running-sessions.ts';
import { ServerCertificates } from '../../src/session/server-certificates.ts';
import { ServerPool } from '../../src/session/server-pool.ts';
import { ServiceCounters } from '../../src/session/service-counters.ts';
import { UnansweredRecords } from '../../src/session/unanswered-records.ts';
import type { Revision } from '../../src/session/connection.ts';
import { MasterSession, StackedSession } from '../../src/session/session.ts';
import type { FakeStreamOptions } from './fake-stream.ts';
import { FakeStream } from './fake-stream.ts';
import { FakeProgramRunner } from './fake-program.ts';
import { ManualClock } from './manual-clock.ts';
import { MemoryLog } from './memory-log.ts';
import { showEvent } from './show-action.ts';
import { readClientHello } from '../../src/protocols/tls/client-hello.ts';
import type { CertificateMaker, TlsLayer } from '../../src/session/tls-layer.ts';

/** A connect that a session asked the outside for. */
export interface OutsideConnect {
  readonly request: ConnectRequest;
  readonly done: (result: ConnectResult) => void;
  isGivenUp: boolean;
}

/** A port that a session asked the outside for. */
export interface OutsidePort {
  readonly at: SocketAddress;
  readonly watcher: PortWatcher;
  /** Where it is open, with the real port; undefined before `portOpens`. */
  address: SocketAddress | undefined;
  isClosed: boolean;
}

/** A look-up that a session asked the outside for. */
export interface OutsideLookup {
  readonly host: string;
  readonly done: (result: ResolveResult) => void;
}

/** A question to DNS that the outside was asked. */
export interface OutsideQuery {
  readonly question: DnsQuestion;
  readonly done: (answer: DnsAnswer) => void;
}

/** What an engine of a test does at an event of its session. */
export type SessionHandler = (event: ProxyEvent, context: ProxyContext) => readonly ProxyAction[];

const CLIENT = SocketAddress.parse('10.1.2.3:40000');
const LOCAL = SocketAddress.parse('192.0.2.254:8080');
const SERVER_LOCAL = SocketAddress.parse('192.0.2.253:50000');

/** A proxy that is a function of its events. */
export function proxyOf(
  handle: SessionHandler,
  options: Partial<Omit<ProxyFactory, 'create' | 'explain'>> = {},
): ProxyFactory {
  return {
    name: 'test',
    tellsRefusals: false,
    stacks: [],
    ...options,
    create: (context) => ({ handle: (event) => [...handle(event, context)] }),
    explain: () => 'does what the test says',
  };
}

/** A service to 198.51.100.1:80, unless it says otherwise. */
export function serviceOf(name: string, options: ServiceOptions): Service {
  return service(name, { router: SERVER_ROUTER, ...options });
}

const SERVER_ROUTER: Router = directedRouter({ destination: '198.51.100.1:80' });

/** A policy in which 10.0.0.0/8 may use these services to reach 198.51.100.0/24, and, if `wide`, the rest of the world. */
export function revisionOf(
  started: AnyService,
  others: readonly Service[] = [],
  changes: { readonly inbound?: readonly Service[]; readonly wide?: boolean } = {},
): Revision {
  const all = [started, ...others].filter((one): one is Service => one.kind === 'service');
  const zones: Zone[] = [
    zone('intranet', { subnets: ['10.0.0.0/8'], outboundServices: all }),
    zone('internet', { subnets: ['198.51.100.0/24'], inboundServices: changes.inbound ?? all }),
    zone('elsewhere', { subnets: ['203.0.113.0/24'] }),
  ];
  if (changes.wide === true)
    zones.push(zone('everywhere', { subnets: ['0.0.0.0/0', '::/0'], inboundServices: all }));
  const listeners = [listener('192.0.2.254:8080', started, { name: 'door' })];
  return { policy: definePolicy({ zones, listeners }), revision: 'f00d' };
}

/** A runtime whose outside does what the test says. */
export class SessionWorld implements Outside {
  readonly clock = new ManualClock();
  readonly log = new MemoryLog();
  readonly connects: OutsideConnect[] = [];
  readonly lookups: OutsideLookup[] = [];
  readonly queries: OutsideQuery[] = [];
  readonly ports: OutsidePort[] = [];
  readonly streams: FakeStream[] = [];
  readonly runtime: Runtime;
  readonly revision: Revision;
  /** High-water mark of the links of stacked proxies. */
  linkMark = 16;

  constructor(revision: Revision, instance = 'zorp') {
    this.revision = revision;
    const sessions = new RunningSessions();
    this.runtime = {
      instance,
      outside: this,
      log: this.log,
      counters: new ServiceCounters(),
      claims: new Claims(),
      expectations: new Expectations((address) => bindsOverlap(LOCAL, address)),
      collisions: new RuleCollisions(this.log, this.clock),
      alarms: new AlarmQueue(this.clock),
      unanswered: new UnansweredRecords(this.log, this.clock),
      chainers: new ChainerStates(),
      authentications: new AuthenticationStates(this.clock, this.digests),
      availability: new Availability(this, this.log),
      certificates: new ServerCertificates(this.clock, this.log),
      servers: new ServerPool(this.clock),
      sessions,
      restGarbage: new RestGarbage(this.clock, this.collectGarbage, sessions),
      toldRefusals: 0,
    };
  }

  readonly connector = {
    connect: (request: ConnectRequest, done: (result: ConnectResult) => void): (() => void) => {
      const asked: OutsideConnect = { request, done, isGivenUp: false };
      this.connects.push(asked);
      return () => {
        asked.isGivenUp = true;
      };
    },
  };

  readonly resolver = {
    resolve: (host: string, _timeoutMs: number, done: (result: ResolveResult) => void): void => {
      this.lookups.push({ host, done });
    },
  };

  readonly dns = {
    query: (question: DnsQuestion, _timeoutMs: number, done: (answer: DnsAnswer) => void): void => {
      this.queries.push({ question, done });
    },
  };
  /** Secrets that are always the same, so that what is sealed is, too. */
  #keys = 0;
  readonly digests = { ...systemDigests, newKey: (): string => `secret ${++this.#keys} of a test` };
  /** What files and directories say; nobody is there unless the test says so. */
  readonly passwords = {
    check: (): Promise<ProvedUser | undefined> => Promise.resolve(undefined),
  };
  /** The interfaces of the machine; it has none. */
  readonly interfaces = { table: InterfaceTable.EMPTY };
  readonly programs: FakeProgramRunner = new FakeProgramRunner(() => this.stream());

  openPort = (at: SocketAddress, watcher: PortWatcher): (() => void) => {
    const port: OutsidePort = { at, watcher, address: undefined, isClosed: false };
    this.ports.push(port);
    return () => {
      port.isClosed = true;
    };
  };

  /** What `random` gives. */
  draw = 0;

  random = (): number => this.draw;

  linkPair = (): ReturnType<typeof linkPair> => linkPair(this.linkMark);
  readonly collectGarbage = (): void => undefined;
  readonly makeDecoder = contentDecoders();
  /** TLS that never comes about: sessions of tests that want it bring their own. */
  tls: TlsLayer = { accept: noTls, connect: noTls };
  /** Nothing can be made, in the same way. */
  certificates: CertificateMaker = { carryOver: noTls, forServer: noTls };
  readonly readHello = readClientHello;

  get listener(): Listener {
    const [first] = [...this.revision.policy.instances.values()].flat();
    if (first === undefined) throw new Error('The policy has no listener');
    return first;
  }

  /** The last port that a session asked for is open; its address. */
  portOpens(): SocketAddress {
    const port = this.ports.at(-1);
    if (port === undefined) throw new Error('No session asked for a port');
    return this.opens(port);
  }

  /** A port is open, once; its address. */
  opens(port: OutsidePort): SocketAddress {
    if (port.address !== undefined) return port.address;
    port.address = port.at.port === 0 ? port.at.withPort(50_000 + this.ports.length) : port.at;
    port.watcher.opened(port.address);
    return port.address;
  }

  /** Somebody connects to a port that a session asked for. */
  reaches(port: OutsidePort | undefined, client = CLIENT): FakeStream {
    const stream = this.stream();
    if (port?.address === undefined || port.isClosed) throw new Error('Nobody listens there');
    port.watcher.accepted({ stream, clientAddress: client, clientLocal: port.address });
    return stream;
  }

  /** A client connects. */
  accept(client = CLIENT, options: FakeStreamOptions = {}, clientLocal = LOCAL): FakeStream {
    const stream = this.stream(options);
    const accepted = { stream, clientAddress: client, clientLocal };
    dispatch(this.runtime, this.revision, this.listener, accepted);
    return stream;
  }

  /** The last connect succeeds. */
  connected(options: FakeStreamOptions = {}): FakeStream {
    const stream = this.stream(options);
    this.connects.at(-1)?.done({ ok: true, stream, local: SERVER_LOCAL });
    return stream;
  }

  /** The last connect fails. */
  connectFails(error = 'ECONNREFUSED'): void {
    this.connects.at(-1)?.done({ ok: false, error });
  }

  /** The last look-up succeeds. */
  resolves(...addresses: readonly string[]): void {
    this.lookups
      .at(-1)
      ?.done({ ok: true, addresses: addresses.map((text) => IpAddress.parse(text)) });
  }

  /** DNS answers the last question for a family. */
  answers(family: DnsQuestion['family'], ...addresses: readonly string[]): void {
    const found = addresses.map((text) => IpAddress.parse(text));
    this.#query(family)?.done({ ok: true, addresses: found, ttlMs: 60_000 });
  }

  /** DNS cannot answer the last question for a family. */
  answerFails(family: DnsQuestion['family'], error: string): void {
    this.#query(family)?.done({ ok: false, error });
  }

  #query(family: DnsQuestion['family']): OutsideQuery | undefined {
    return this.queries.findLast(({ question }) => question.family === family);
  }

  stream(options: FakeStreamOptions = {}): FakeStream {
    const stream = new FakeStream(options);
    this.streams.push(stream);
    return stream;
  }

  /** Lets everything happen that is due: streams, links and what else waits in microtasks. */
  async settle(): Promise<this> {
    for (;;) {
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
      if (!this.streams.some((stream) => stream.step())) return this;
    }
  }

  /** Aborts all sessions that run. */
  abortAll(): void {
    for (const session of this.runtime.sessions) session.abort('over');
  }

  /** The session of a first proxy, made without one. */
  session(proxyName = 'test'): StackedSession {
    const { policy } = this.revision;
    const [first] = policy.services;
    const master = new MasterSession({
      loaded: this.revision,
      instance: this.runtime.instance,
      listener: this.listener,
      protocol: 'tcp',
      rule: undefined,
      service: first,
      instanceId: this.runtime.counters.nextInstanceId(first?.name ?? ''),
      clientAddress: CLIENT,
      clientLocal: LOCAL,
      clientZone: policy.zoneTree.lookup(CLIENT.address),
      startedAt: this.clock.now(),
      startedMonotonic: this.clock.monotonic(),
    });
    return new StackedSession(master, proxyName);
  }

  /** What is not as it must be once all sessions are over; empty if all is well. */
  leftovers(): string[] {
    const { sessions, counters, claims, expectations, toldRefusals } = this.runtime;
    const counts: Readonly<Record<string, number>> = {
      sessions: sessions.size,
      claims: claims.size,
      expectations: expectations.count,
      'told refusals': toldRefusals,
      timers: this.clock.armed,
      'open ports': this.ports.filter(({ isClosed }) => !isClosed).length,
      'open streams': this.streams.filter(isOpen).length,
      ...Object.fromEntries(
        this.revision.policy.services.map(({ name }) => [
          `of service ${name}`,
          counters.of(name).running,
        ]),
      ),
    };
    return Object.entries(counts)
      .filter(([, count]) => count !== 0)
      .map(([what, count]) => `${count} ${what}`);
  }
}

function isOpen({ isClosed, calls }: FakeStream): boolean {
  return !isClosed && !calls.some((call) => call === 'reset' || call === 'destroy');
}

/** Writes down the events of an engine. */
export function noting(events: string[], handle: SessionHandler): SessionHandler {
  return (event, context) => {
    events.push(showEvent(event));
    return handle(event, context);
  };
}

function noTls(): never {
  throw new Error('Nobody speaks TLS in this test');
}
