// The server side of a session, top to bottom: which servers are meant, may the service reach them, connect to the first
// that works.

import type { IpAddress } from '../address/ip-address.ts';
import { SocketAddress } from '../address/socket-address.ts';
import { finalChainer } from '../policy/chainer.ts';
import { beginsWithTls, dynamicSource } from '../policy/encryption.ts';
import { decideConnect } from '../policy/decide.ts';
import type { ServerDecision } from '../policy/decide.ts';
import { PROTOCOL_NUMBERS } from '../policy/ip-protocol.ts';
import { route } from '../policy/router.ts';
import type { Service } from '../policy/service.ts';
import type { ConnectFailure, ServerRequest, Target } from '../proxy/engine.ts';
import { writeProxyHeader } from '../proxy/write-proxy-header.ts';
import { AttemptRecord } from './attempt-record.ts';
import {
  ALL_DOWN,
  connectFailure,
  INTERNAL_ERROR,
  isOfServer,
  NOBODY,
  resolveFailure,
} from './connect-failure.ts';
import type { ConnectRequest } from './outside.ts';
import type { ServerResult } from './pump-host.ts';
import { poolKeyOf } from './server-pool.ts';
import type { IdleServer, PoolKey } from './server-pool.ts';
import type { TargetResult } from './resolve-target.ts';
import { resolveTarget } from './resolve-target.ts';
import type { SecuredServer } from './secured-sides.ts';
import { checkAddress, nameToCheck } from './check-address.ts';
import { noteServer, startWithServer, tlsNameOf } from './secured-sides.ts';
import type { Runtime } from './runtime.ts';
import type { StackedSession } from './session.ts';
import type { IteratingChainer } from './target-iteration.ts';
import { TargetIteration } from './target-iteration.ts';
import type { ServerEncryption } from './tls-layer.ts';

// Whoever owns a name can give it any number of addresses, and each may cost the client a timeout.
const MAX_NAMED_TARGETS = 16;

/** A connection that was just made. */
type NewServer = Omit<IdleServer, 'tls'>;

/** A server that may be connected. */
type Decided = Extract<ServerDecision, { outcome: 'permitted' }>;

/** A server connection for a session. */
export interface SessionConnect extends ServerRequest {
  /** The encryption of the service is left out: who asks speaks TLS by itself. Default: false. */
  readonly isBare?: boolean;
}

/** Connects the server side of a session. Calls back once, never before it has returned; the returned function gives up. */
export function connectServer(
  runtime: Runtime,
  session: StackedSession,
  request: SessionConnect,
  done: (result: ServerResult) => void,
): () => void {
  return new ServerConnect(runtime, session, request, done).start();
}

/** One connect: resolve, then decide and connect for each target until one works. */
class ServerConnect {
  readonly #runtime: Runtime;
  readonly #session: StackedSession;
  readonly #target: Target | undefined;
  /** What the protocol calls the server, also where it does not choose it. */
  readonly #host: string | undefined;
  readonly #pool: ServerRequest['pool'];
  readonly #isBare: boolean;
  readonly #done: (result: ServerResult) => void;
  readonly #record: AttemptRecord;
  /** The addresses of the server that the protocol names; undefined: the router names the servers. */
  #named: readonly SocketAddress[] | undefined;
  /** All addresses of its name: the guard asks for each, also for those that are never tried. */
  #answer: readonly IpAddress[] | undefined;
  /** Undefined where the chainer knows the first target only. */
  #iteration: TargetIteration | undefined;
  #giveUp: (() => void) | undefined;
  #isOver = false;

  constructor(
    runtime: Runtime,
    session: StackedSession,
    { target, pool, isBare = false }: SessionConnect,
    done: (result: ServerResult) => void,
  ) {
    this.#runtime = runtime;
    this.#session = session;
    // A target that the router does not leave to the protocol has no effect (as in the original).
    this.#target = session.targetAddressInband ? target : undefined;
    this.#host = target?.host;
    this.#pool = pool;
    this.#isBare = isBare;
    this.#done = done;
    this.#record = new AttemptRecord(runtime.outside.clock, session, this.#target?.host ?? null);
  }

  start(): () => void {
    try {
      this.#begin();
    } catch (bug) {
      this.#broke(bug);
    }
    return () => {
      this.#abandon();
    };
  }

  #begin(): void {
    const { connection } = this.#session;
    // Only the server is decided below: a client that was refused gets none, whatever its proxy asks for.
    if (connection.isRefused) this.#fail(connection);
    else if (this.#service.authentication !== undefined && connection.identity === undefined)
      this.#fail(NOBODY);
    else if (this.#target === undefined) this.#chooseFirst();
    else this.#resolve(this.#target);
  }

  #abandon(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#record.write('connect.given-up');
    this.#giveUp?.();
  }

  get #service(): Service {
    const { service } = this.#session.connection.facts;
    if (service?.kind !== 'service') throw new Error('A session without a service cannot connect');
    return service;
  }

  #resolve({ host, port }: Target): void {
    resolveTarget(this.#runtime, this.#service, host, (result) => {
      if (this.#isOver) return;
      try {
        this.#resolved(result, port);
      } catch (bug) {
        this.#broke(bug);
      }
    });
  }

  #resolved(result: TargetResult, port: number): void {
    if (!result.ok) {
      this.#fail(resolveFailure(result.error));
      return;
    }
    const addresses = result.addresses.slice(0, MAX_NAMED_TARGETS);
    this.#named = addresses.map((address) => SocketAddress.of(address, port));
    this.#answer = result.answer;
    if (addresses.length > 0) this.#chooseFirst();
    else this.#fail(resolveFailure('ENODATA'));
  }

  #chooseFirst(): void {
    const chainer = finalChainer(this.#service.chainer);
    const targets = this.#named ?? this.#session.targetAddress;
    // Where nobody names a server, decide() says so.
    if (chainer.type === 'connect' || targets.length === 0) {
      this.#decide(0);
      return;
    }
    this.#iterate(chainer, targets);
  }

  #iterate(chainer: IteratingChainer, targets: readonly SocketAddress[]): void {
    const { chainers, availability } = this.#runtime;
    const { name } = this.#service;
    const isUp = (target: SocketAddress): boolean => availability.isUp(name, target);
    const state = chainers.of(chainer);
    this.#iteration = new TargetIteration({ chainer, targets, state, isUp });
    this.#chooseNext(this.#iteration, ALL_DOWN);
  }

  /** Goes on with the next target, or fails as the last one did. */
  #chooseNext(iteration: TargetIteration, failure: ConnectFailure): void {
    const index = iteration.next(this.#runtime.outside.clock.monotonic());
    if (index === undefined) this.#fail(failure);
    else this.#decide(index);
  }

  /** A refusal ends the connect at once: another server is no way around it (as in the original). */
  #decide(candidate: number): void {
    const session = this.#session;
    const { outside } = this.#runtime;
    const { facts } = session.connection;
    const service = this.#service;
    const isTranslated = service.snat !== undefined || service.dnat !== undefined;
    const { clientAddress: client, clientLocal: local } = facts;
    const decision = decideConnect(facts.loaded.policy, {
      instance: facts.instance,
      listener: facts.listener,
      client,
      local,
      protocol: PROTOCOL_NUMBERS[facts.protocol],
      interfaces: outside.interfaces.table,
      rule: facts.rule,
      service,
      route: route(service.router, client, local),
      connect: {
        target: this.#named?.[candidate],
        answer: this.#answer,
        candidate,
        draw: isTranslated ? outside.random() : 0,
      },
    });
    const { server } = decision;
    const zone = decision.serverZone ?? (server && session.zoneOf(server.address));
    if (server !== undefined) session.setServerAddress(server, zone);
    this.#record.goesTo(server, zone);
    if (decision.outcome === 'refused') this.#fail(decision.refusal);
    else this.#check(decision, candidate);
  }

  #check(decided: Decided, candidate: number): void {
    const service = this.#service;
    const name = nameToCheck(this.#session, service, decided.server, this.#host);
    if (name === undefined) this.#connect(decided, candidate);
    else this.#checkName(name, decided, candidate);
  }

  #checkName(name: string, decided: Decided, candidate: number): void {
    const [session, service] = [this.#session, this.#service];
    const checked = { session, service, address: decided.server, name };
    checkAddress(this.#runtime, checked, (failure) => {
      if (this.#isOver) return;
      try {
        if (failure === undefined) this.#connect(decided, candidate);
        else this.#fail(failure);
      } catch (bug) {
        this.#broke(bug);
      }
    });
  }

  #connect({ server, route: chosen }: Decided, candidate: number): void {
    const service = this.#service;
    const request = {
      protocol: this.#session.protocol,
      remote: server,
      local: chosen.local,
      localLoose: chosen.localLoose,
      localRandom: chosen.localRandom,
      mark: service.serverMark,
      tos: service.serverTos,
      timeoutMs: service.chainer.timeoutConnectMs,
      checksPeer: this.#named !== undefined,
    };
    const key = this.#pool === undefined ? undefined : this.#keyOf(service, request);
    const idle = this.#takeIdle(key);
    if (idle === undefined) this.#open(request, key, candidate);
    else this.#reuse(server, idle);
  }

  #open(request: ConnectRequest, key: PoolKey | undefined, candidate: number): void {
    this.#giveUp = this.#runtime.outside.connector.connect(request, (result) => {
      if (result.ok) this.#succeed(result, request.remote, key);
      else if (!this.#isOver) this.#goOn(candidate, connectFailure(result.error));
    });
  }

  /**
   * What a connection is shared by. One that begins with a PROXY header speaks for one client, and one that a certificate was
   * made from was shown to one.
   */
  #keyOf(service: Service, request: ConnectRequest): PoolKey | undefined {
    if (service.sendProxyProtocol !== undefined) return undefined;
    if (dynamicSource(service.encryption) !== undefined) return undefined;
    const encryption = service.encryption?.server;
    if (encryption === undefined) return poolKeyOf(service.name, request);
    if (beginsWithTls(service.encryption, 'server') === undefined) return undefined; // it is plain text for a while
    const name = tlsNameOf(this.#session, encryption, this.#host);
    return poolKeyOf(service.name, request, { encryption, name });
  }

  /** A connection that another session gave back: this one has decided just as for a new one. */
  #takeIdle(key: PoolKey | undefined): IdleServer | undefined {
    return key === undefined || this.#pool === 'new' ? undefined : this.#runtime.servers.take(key);
  }

  /** After a failed attempt: the next target, if there is one. */
  #goOn(candidate: number, failure: ConnectFailure): void {
    this.#giveUp = undefined;
    this.#record.write(failure.reason);
    const iteration = this.#iteration;
    if (iteration === undefined) {
      this.#fail(failure);
      return;
    }
    const now = this.#runtime.outside.clock.monotonic();
    if (isOfServer(failure)) iteration.failed(candidate, now);
    try {
      this.#chooseNext(iteration, failure);
    } catch (bug) {
      this.#broke(bug);
    }
  }

  /** Hands over a server that was connected before: as with any other, not before `connectServer` has returned. */
  #reuse(address: SocketAddress, { stream, local, tls }: IdleServer): void {
    queueMicrotask(() => {
      if (this.#isOver) {
        stream.destroy();
        return;
      }
      this.#isOver = true;
      this.#session.setServerLocal(local);
      if (tls !== undefined) noteServer(this.#session, tls);
      this.#record.write('reused');
      this.#done({ ok: true, stream, address, pool: 'reused' });
    });
  }

  #succeed({ stream, local }: NewServer, address: SocketAddress, key: PoolKey | undefined): void {
    if (this.#isOver) {
      stream.destroy();
      return;
    }
    this.#session.setServerLocal(local);
    const service = this.#service;
    if (service.keepalive === 'server' || service.keepalive === 'both') stream.keepAlive();
    if (service.sendProxyProtocol !== undefined) {
      const { clientAddress: client, clientLocal } = this.#session.connection.facts;
      const ends = { client, local: clientLocal };
      stream.write(writeProxyHeader(service.sendProxyProtocol, ends), 'given');
    }
    const encryption = this.#isBare ? undefined : beginsWithTls(service.encryption, 'server');
    if (encryption === undefined) this.#end({ stream, local, tls: undefined }, address, key);
    else this.#secure({ stream, local, encryption }, address, key);
  }

  #secure(
    { stream, local, encryption }: NewServer & { readonly encryption: ServerEncryption },
    address: SocketAddress,
    key: PoolKey | undefined,
  ): void {
    const connected = { stream, address, host: this.#host };
    const done = (result: SecuredServer): void => {
      this.#giveUp = undefined;
      // It will not speak TLS as the policy wants it: another server is no way around that.
      if (!result.ok) this.#fail(result.failure);
      else this.#end({ stream: result.stream, local, tls: result.tls }, address, key);
    };
    const request = { stream: connected, done };
    this.#giveUp = startWithServer(this.#runtime, this.#session, encryption, request);
  }

  #end(server: IdleServer, address: SocketAddress, key: PoolKey | undefined): void {
    const { stream } = server;
    this.#giveUp = undefined;
    if (key !== undefined) this.#runtime.servers.lend(key, server);
    this.#isOver = true;
    this.#record.write('connected');
    if (key === undefined) this.#done({ ok: true, stream, address });
    else this.#done({ ok: true, stream, address, pool: 'new' });
  }

  /** A bug of ours fails one connect, whoever called back. */
  #broke(bug: unknown): void {
    const stack = bug instanceof Error ? bug.stack : String(bug);
    const { reason, message } = INTERNAL_ERROR;
    const session = this.#session.sessionId;
    this.#runtime.log.line('error', reason, message, { session, stack });
    this.#fail(INTERNAL_ERROR);
  }

  #fail({ verdict, reason, message }: ConnectFailure): void {
    const failure = { verdict, reason, message };
    this.#record.write(reason);
    this.#giveUp = undefined;
    // A refusal may be known at once, but nobody is called back before `connectServer` has returned.
    queueMicrotask(() => {
      if (this.#isOver) return;
      this.#isOver = true;
      this.#done({ ok: false, failure });
    });
  }
}
