// What is to become of a connection, told beforehand: by decide() as `zorp explain` asks it, by a plain run of the detectors
// over all bytes, and by a plain iteration over the servers of a chainer. Nothing of the sessions has a part in it.

import { IpAddress } from '../../src/address/ip-address.ts';
import { SocketAddress } from '../../src/address/socket-address.ts';
import type { RecordedAddress } from '../../src/log/decision-record.ts';
import type { Chainer } from '../../src/policy/chainer.ts';
import type { ConnectFacts, ConnectionFacts, Decision } from '../../src/policy/decision.ts';
import { decide } from '../../src/policy/decide.ts';
import { decideStack } from '../../src/policy/decide-stack.ts';
import type { Listener } from '../../src/policy/make-listener.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { findZone } from '../../src/policy/policy.ts';
import type { Rule } from '../../src/policy/rule.ts';
import type { AnyService, Service } from '../../src/policy/service.ts';
import type { Zone } from '../../src/policy/zone.ts';
import type { ConnectFailure } from '../../src/proxy/engine.ts';
import { connectFailure, resolveFailure } from '../../src/session/connect-failure.ts';
import type { AttemptPart, Outcome, RecordPart, RequestedConnect } from './outcome.ts';
import { recorded, SERVER_LOCAL } from './outcome.ts';
import { plainDetection } from './plain-detection.ts';
import type { PlainMemory } from './plain-iteration.ts';
import { plainIteration } from './plain-iteration.ts';
import type { ConnectionSeed } from './random-connection.ts';
import { NAME } from './random-connection.ts';

/** What is known of a connection when it is accepted. */
export type AcceptedFacts = ConnectionFacts & { readonly listener: Listener };

/** The facts of a connection that a listener accepts. */
export function factsOf(listener: Listener, { client, local }: ConnectionSeed): AcceptedFacts {
  const [bind] = listener.binds;
  return {
    instance: 'zorp',
    listener,
    client: SocketAddress.parse(client),
    local: SocketAddress.parse(local ?? String(bind)),
  };
}

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** A connection that is being foretold. */
interface Telling {
  readonly seed: ConnectionSeed;
  readonly facts: AcceptedFacts;
  /** All connects so far, those to hear a greeting included. */
  readonly requests: RequestedConnect[];
}

/** What came of one connect, with all its attempts. */
interface Connected {
  readonly attempts: AttemptPart[];
  /** The last server that was decided on. */
  server: SocketAddress | undefined;
  /** Undefined: it is connected. */
  failure: ConnectFailure | undefined;
}

/** What the first bytes say. */
interface Detected {
  readonly found: AnyService | 'none';
  /** Attempts to reach a server that might greet. */
  readonly attempts: readonly AttemptPart[];
  /** That server, if it greeted as its protocol does: the session goes on with it. */
  readonly server: SocketAddress | undefined;
}

type Ending = Pick<RecordPart, 'verdict' | 'reason' | 'message'>;
const DONE: Ending = { verdict: 'accepted', reason: 'done', message: '' };
const ABORTED: Ending = { verdict: 'aborted-by-policy-action', reason: 'over', message: '' };
const LIMIT = { verdict: 'denied-by-limit', reason: 'limit.max-instances' } as const;
const LOCAL = recorded(SocketAddress.parse(SERVER_LOCAL));
const TOO_MANY = 'The service has as many sessions as it may have';
const TOO_MANY_STACKED = 'The stacked service or program has as many sessions as it may have';

/** Tells what becomes of connections under a policy, one after the other. */
export class Forecast {
  readonly #policy: Policy;
  readonly #running = new Map<string, number>();
  readonly #chainers = new Map<Chainer, PlainMemory>();

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  /** What will become of a connection that this listener accepts. */
  of(listener: Listener, seed: ConnectionSeed): Outcome {
    const telling: Telling = { seed, facts: factsOf(listener, seed), requests: [] };
    const first = decide(this.#policy, telling.facts);
    if (first.outcome !== 'detecting') return this.#end(telling, first, undefined);
    const detected = this.#detect(telling, first.rule.rule);
    const last = decide(this.#policy, { ...telling.facts, detected: detected.found });
    return this.#end(telling, last, detected);
  }

  #end(telling: Telling, decision: Decision, detected: Detected | undefined): Outcome {
    const { requests } = telling;
    const record = this.#recordOf(telling, decision, detected);
    if (decision.outcome === 'detecting') throw new Error('What is detected is not detected again');
    if (decision.outcome === 'refused') {
      const { service, refusal } = decision;
      const isSilent = service?.kind === 'deny-service' && !service.logging;
      const told = isSilent ? undefined : { ...record, ...refusal };
      return { requests, client: turnedAway(service, refusal.reason), server: '', record: told };
    }
    const { service } = decision;
    if (!this.#start(service)) {
      const told = { ...record, ...LIMIT, message: TOO_MANY };
      return { requests, client: ', reset', server: '', record: told };
    }
    return this.#run(telling, service, record, detected?.server !== undefined);
  }

  /** The proxy of the tests: it connects, stacks what its service has, tells its client how that went, and closes. */
  #run(
    telling: Telling,
    service: Service,
    record: Mutable<RecordPart>,
    hasServer: boolean,
  ): Outcome {
    const { seed, requests } = telling;
    const namesServer = seed.target !== undefined && service.router.isOverrideable;
    const isConnected = hasServer && !namesServer;
    const failure = isConnected ? undefined : this.#connectFor(telling, service, record);
    const server = failure === undefined ? 'hello' : '';
    const problem = failure ?? this.#stack(service, record);
    if (problem !== undefined) {
      this.#stop(service);
      Object.assign(record, problem);
      return { requests, client: `failed: ${problem.reason}, reset`, server, record };
    }
    if (seed.stays)
      return { requests, client: 'served, ', server, record: { ...record, ...ABORTED } };
    for (const one of [service, ...service.proxy.stacks]) this.#stop(one);
    return { requests, client: 'served, reset', server, record };
  }

  #connectFor(
    telling: Telling,
    service: Service,
    record: Mutable<RecordPart>,
  ): ConnectFailure | undefined {
    const { attempts, server, failure } = this.#connect(telling, service, telling.seed.target);
    record.connects = [...record.connects, ...attempts];
    if (server !== undefined) record.server = this.#recorded(server);
    if (failure === undefined) record.serverLocal = LOCAL;
    return failure;
  }

  /** Stacks the service that a service has for that, if it has one. */
  #stack({ proxy }: Service, record: Mutable<RecordPart>): ConnectFailure | undefined {
    const [child] = proxy.stacks;
    if (child === undefined) return undefined;
    const { name } = child;
    const decision = decideStack(this.#policy, {
      name,
      clientZone: this.#zoneNamed(record.client),
      serverZone: this.#zoneNamed(record.server),
      startedBy: record.rule === null ? 'listener' : 'rule',
    });
    if (!decision.ok) return decision.failure;
    if (!this.#start(decision.service)) return { ...LIMIT, message: TOO_MANY_STACKED };
    record.stacked = [name];
    return undefined;
  }

  #recordOf(
    { facts }: Telling,
    { service, rule, clientZone }: Decision,
    detected: Detected | undefined,
  ): Mutable<RecordPart> {
    const { listener, client, local } = facts;
    return {
      listener: listener.name,
      rule: rule?.id ?? null,
      service: service?.name ?? null,
      proxy: service?.kind === 'service' ? service.proxy.name : null,
      client: { ...recorded(client), zone: clientZone?.name ?? null },
      clientLocal: recorded(local),
      ...this.#serverOf(detected),
      ...DONE,
      stacked: [],
      related: [],
    };
  }

  /** What is known of the server before the proxy starts. */
  #serverOf(
    detected: Detected | undefined,
  ): Pick<RecordPart, 'server' | 'serverLocal' | 'connects'> {
    const connects = detected?.attempts ?? [];
    const server = detected?.server;
    if (server === undefined) return { server: null, serverLocal: null, connects };
    return { server: this.#recorded(server), serverLocal: LOCAL, connects };
  }

  #detect(telling: Telling, { detect }: Rule): Detected {
    const { says, ends, greeting } = telling.seed;
    let greeted: Connected | undefined;
    const { found, asked } = plainDetection(detect, {
      client: Buffer.from(says.join(''), 'latin1'),
      isComplete: ends,
      greetingOf: ({ service }) => {
        greeted = this.#greet(telling, service);
        return greeted?.failure === undefined && greeted !== undefined
          ? Buffer.from(greeting, 'latin1')
          : undefined;
      },
    });
    const isServer = found !== undefined && found === asked && greeted?.failure === undefined;
    return {
      found: found?.service ?? 'none',
      attempts: greeted?.attempts ?? [],
      server: isServer ? greeted?.server : undefined,
    };
  }

  /** The connect to hear a greeting, which counts for its service; undefined if the policy refuses the service. */
  #greet(telling: Telling, service: AnyService): Connected | undefined {
    const decision = decide(this.#policy, { ...telling.facts, detected: service });
    if (decision.outcome !== 'permitted') return undefined;
    if (!this.#start(decision.service)) {
      const attempt = { host: null, server: null, outcome: LIMIT.reason };
      return { attempts: [attempt], server: undefined, failure: { ...LIMIT, message: TOO_MANY } };
    }
    const connected = this.#connect(telling, decision.service, undefined);
    this.#stop(decision.service);
    return connected;
  }

  #connect(telling: Telling, service: Service, target: ConnectionSeed['target']): Connected {
    const asked = service.router.isOverrideable ? target : undefined;
    if (asked === undefined) return this.#tryAll(telling, service, null, NOTHING);
    const named = namedBy(asked, service, telling.seed);
    if (named.used.length > 0) return this.#tryAll(telling, service, asked.host, named);
    const failure = resolveFailure('ENODATA');
    const attempt = { host: asked.host, server: null, outcome: failure.reason };
    return { attempts: [attempt], server: undefined, failure };
  }

  /** Goes through the servers that the protocol names, or the router. */
  #tryAll(
    telling: Telling,
    service: Service,
    host: string | null,
    { used, answer }: Named,
  ): Connected {
    const { facts, seed } = telling;
    const result: Connected = { attempts: [], server: undefined, failure: undefined };
    const isNamed = answer !== undefined;
    const targets = isNamed ? used : this.#routed(facts, service);
    const memory = this.#memoryOf(service.chainer);
    for (const candidate of plainIteration(service.chainer, targets, memory)) {
      const target = isNamed ? used[candidate] : undefined;
      const connect = { target, answer, candidate, draw: seed.draw };
      const goesOn = this.#attempt(telling, { service, connect, host }, result);
      if (!goesOn) break;
      // What fails for want of a local address says nothing about the server.
      if (result.failure?.reason !== 'connect.local-address')
        memory.failed.add(String(targets[candidate]?.address));
    }
    return result;
  }

  #routed(facts: AcceptedFacts, service: Service): readonly SocketAddress[] {
    const accepted = decide(this.#policy, { ...facts, detected: service });
    return accepted.outcome === 'permitted' ? accepted.route.targets : [];
  }

  /** One attempt; whether another one may follow: a denial stops the iteration, and so does success. */
  #attempt(
    { facts, seed, requests }: Telling,
    { service, connect, host }: { service: Service; connect: ConnectFacts; host: string | null },
    result: Connected,
  ): boolean {
    const decision = decide(this.#policy, { ...facts, detected: service, connect });
    const { server } = decision;
    if (server !== undefined) result.server = server;
    const note = (failure: ConnectFailure | undefined): void => {
      result.failure = failure;
      const outcome = failure?.reason ?? 'connected';
      const to = server === undefined ? null : this.#recorded(server);
      result.attempts.push({ host, server: to, outcome });
    };
    if (decision.outcome === 'refused') {
      note(decision.refusal);
      return false;
    }
    if (decision.outcome !== 'permitted') throw new Error('What runs is not detected again');
    const { local, localLoose, localRandom } = decision.route;
    const from = local === undefined ? undefined : String(local);
    const { timeoutConnectMs } = decision.service.chainer;
    const flags = { localLoose, localRandom, timeoutMs: timeoutConnectMs };
    const error = seed.outcomes[requests.length] ?? 'ok';
    requests.push({ remote: String(server), local: from, ...flags });
    note(error === 'ok' ? undefined : connectFailure(error));
    return error !== 'ok';
  }

  #zoneNamed(address: RecordedAddress | null): Zone | undefined {
    return this.#policy.zones.find(({ name }) => name === address?.zone);
  }

  #recorded(server: SocketAddress): RecordedAddress {
    const zone = findZone(this.#policy, server.address);
    return { ...recorded(server), zone: zone?.name ?? null };
  }

  /** Counts a session; false if there are as many as there may be. */
  #start({ name, limits }: Service): boolean {
    const running = this.#running.get(name) ?? 0;
    if (limits.maxInstances > 0 && running >= limits.maxInstances) return false;
    this.#running.set(name, running + 1);
    return true;
  }

  #stop({ name }: { readonly name: string }): void {
    this.#running.set(name, (this.#running.get(name) ?? 0) - 1);
  }

  #memoryOf(chainer: Chainer): PlainMemory {
    const memory = this.#chainers.get(chainer) ?? { turn: 0, failed: new Set() };
    this.#chainers.set(chainer, memory);
    return memory;
  }
}

/** How the client of a refused connection sees it. */
function turnedAway(service: AnyService | undefined, reason: string): string {
  if (service?.kind === 'service')
    return service.proxy.tellsRefusals ? `refused: ${reason}, reset` : ', destroy';
  return service?.kind === 'deny-service' && service.ipv4Reply !== 'drop' ? ', reset' : ', destroy';
}

/** The servers that the protocol names, and all addresses of the name; undefined where it names none. */
interface Named {
  readonly used: readonly SocketAddress[];
  readonly answer: readonly IpAddress[] | undefined;
}

const NOTHING: Named = { used: [], answer: undefined };

/** The servers that the protocol names, as the resolver of the service finds them. */
function namedBy(
  { host, port }: NonNullable<ConnectionSeed['target']>,
  { resolver }: Service,
  { named }: ConnectionSeed,
): Named {
  if (resolver.type !== 'dns') throw new Error('Random services ask DNS');
  const found = (host === NAME ? named : [host]).map((text) => IpAddress.parse(text));
  const { family } = resolver;
  const fitting = found.filter((one) => family === 'any' || one.family === family);
  const used = resolver.multi ? fitting : fitting.slice(0, 1);
  return { used: used.map((address) => SocketAddress.of(address, port)), answer: fitting };
}
