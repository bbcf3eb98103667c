// A running instance, and the composition root: the only place that builds real things. It opens the listeners of a
// policy, gives every accepted connection to dispatch, and swaps the policy on a reload.

import type { Log } from '../log/log.ts';
import type { Listener } from '../policy/make-listener.ts';
import { Claims } from '../session/claims.ts';
import type { AnyService } from '../policy/service.ts';
import { watchedServers } from '../policy/watched-servers.ts';
import { Availability } from '../session/availability.ts';
import { AuthenticationStates } from '../session/authentication-state.ts';
import { ChainerStates } from '../session/chainer-state.ts';
import { dispatch } from '../session/dispatch.ts';
import { Expectations } from '../session/expectations.ts';
import type { Outside } from '../session/outside.ts';
import { PolicyGarbage } from '../session/policy-garbage.ts';
import { RestGarbage } from '../session/rest-garbage.ts';
import { retireSessions } from '../session/retirement.ts';
import { RuleCollisions } from '../session/rule-collisions.ts';
import { RunningSessions } from '../session/running-sessions.ts';
import type { Runtime } from '../session/runtime.ts';
import { ServerCertificates } from '../session/server-certificates.ts';
import { ServerPool } from '../session/server-pool.ts';
import { ServiceCounters } from '../session/service-counters.ts';
import { UnansweredRecords } from '../session/unanswered-records.ts';
import { compileEarly } from './compile-early.ts';
import { watchListFiles } from './list-files.ts';
import type { NameSettings } from './live-policies.ts';
import { LivePolicies } from './live-policies.ts';
import type { LoadedPolicy } from './load-policy.ts';
import { OpenListeners } from './open-listeners.ts';
import type { World } from './real-world.ts';
import { realWorld } from './real-world.ts';

/** What an instance is made of. */
export interface InstanceOptions {
  readonly loaded: LoadedPolicy;
  /** Which instance of the policy to run. */
  readonly instance: string;
  readonly log: Log;
  /** How host names are followed; only tests change it. */
  readonly names?: NameSettings;
}

/** An instance that runs. */
export interface RunningInstance {
  /** Where it listens, as text, with real ports. */
  readonly listening: readonly string[];
  /** How many sessions run. */
  readonly sessionCount: number;
  /** Goes over to another policy: new connections get it, running sessions keep theirs. Rejects if it cannot. */
  reload(loaded: LoadedPolicy): Promise<void>;
  /** Accepts nothing more and waits for the sessions; those that still run after the time limit are ended. */
  drain(timeoutMs: number): Promise<void>;
}

/** Starts an instance. Rejects with a sentence that names the cure, such as for a port that is taken. */
export async function runInstance(options: InstanceOptions): Promise<RunningInstance> {
  compileEarly();
  const world = realWorld(options.log);
  const instance = new Instance(options, world);
  try {
    await instance.reload(options.loaded);
    return instance;
  } catch (error) {
    world.interfaces.close();
    throw error;
  }
}

class Instance implements RunningInstance {
  readonly #runtime: Runtime;
  readonly #clock: Outside['clock'];
  readonly #listeners: OpenListeners;
  readonly #checkServices: World['checkServices'];
  readonly #interfaces: World['interfaces'];
  readonly #policies: LivePolicies;
  readonly #garbage: PolicyGarbage;
  #state: 'running' | 'draining' = 'running';
  #stopLists = (): void => undefined;

  constructor(options: InstanceOptions, world: World) {
    const { clock } = world.outside;
    const dns = world.policyDns;
    const sessions = new RunningSessions();
    const { log, names } = options;
    this.#clock = clock;
    this.#garbage = new PolicyGarbage(clock, () => world.outside.collectGarbage());
    const replaced = (): void => {
      world.forgetPolicies();
      this.#garbage.note();
    };
    this.#policies = new LivePolicies({ clock, dns, log, sessions, replaced, settings: names });
    this.#runtime = {
      instance: options.instance,
      outside: world.outside,
      log,
      counters: new ServiceCounters(),
      claims: new Claims(),
      expectations: new Expectations((address) => this.#listeners.listensAt(address)),
      collisions: new RuleCollisions(log, clock),
      alarms: world.alarms,
      unanswered: new UnansweredRecords(log, clock),
      chainers: new ChainerStates(),
      authentications: new AuthenticationStates(clock, world.outside.digests),
      availability: new Availability(world.outside, log),
      certificates: new ServerCertificates(clock, log),
      servers: new ServerPool(clock),
      sessions,
      restGarbage: new RestGarbage(clock, () => world.outside.collectGarbage(), sessions),
      toldRefusals: 0,
    };
    this.#interfaces = world.interfaces;
    this.#checkServices = world.checkServices;
    this.#listeners = new OpenListeners({
      open: world.openListener,
      accepted: (listener, accepted) => {
        dispatch(this.#runtime, this.#policies.current, listener, accepted);
      },
      interfaces: () => world.interfaces.table,
      clock,
      log,
    });
    world.interfaces.onChange(() => this.#listeners.follow());
  }

  get listening(): readonly string[] {
    return this.#listeners.addresses;
  }

  get sessionCount(): number {
    return this.#runtime.sessions.size;
  }

  async reload(loaded: LoadedPolicy): Promise<void> {
    this.#refuseIfDraining();
    const { own, others } = listenersOf(loaded, this.#runtime.instance);
    const live = await this.#policies.prepare(loaded);
    try {
      this.#refuseIfDraining(); // which may have begun while names were resolved
      this.#checkServices(loaded.policy.services);
      const commit = (): void => {
        this.#goOnWith(loaded.policy.services);
        this.#policies.take(live);
        this.#watchLists(loaded);
        retireSessions(this.#runtime.sessions, this.#clock);
      };
      await this.#listeners.replace(own, commit, others);
    } catch (error) {
      this.#policies.abandon(live);
      throw error;
    }
    this.#closeIfDraining(); // which may have begun while ports were opened
  }

  async drain(timeoutMs: number): Promise<void> {
    this.#state = 'draining';
    this.#garbage.stop();
    this.#closeIfDraining();
    this.#policies.retire();
    retireSessions(this.#runtime.sessions, this.#clock);
    await this.#untilIdle(timeoutMs);
    for (const session of this.#runtime.sessions) session.abort('instance.stopped');
    await this.#untilIdle(ABORT_TIMEOUT_MS);
    this.#runtime.servers.close();
    this.#stopLists();
    this.#policies.stop();
    this.#runtime.unanswered.stop();
    this.#interfaces.close();
  }

  /** Chainers remember what they know of the servers of the policy before. */
  #goOnWith(services: readonly AnyService[]): void {
    const { chainers, availability } = this.#runtime;
    chainers.adopt(this.#policies.current.policy.services, services);
    availability.watch(watchedServers(services));
  }

  #refuseIfDraining(): void {
    if (this.#state === 'draining') throw new Error(DRAINING);
  }

  /** Sessions of the policy before keep the lists as they are now. */
  #watchLists({ lists }: LoadedPolicy): void {
    this.#stopLists();
    if (this.#state === 'draining') return;
    this.#stopLists = watchListFiles(lists, this.#clock, this.#runtime.log);
  }

  #closeIfDraining(): void {
    if (this.#state !== 'draining') return;
    this.#runtime.expectations.end();
    this.#listeners.close();
    this.#runtime.availability.stop();
  }

  async #untilIdle(timeoutMs: number): Promise<void> {
    const deadline = this.#clock.monotonic() + timeoutMs;
    while (this.#runtime.sessions.size > 0 && this.#clock.monotonic() < deadline)
      await this.#pause(DRAIN_POLL_MS);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.after(ms, resolve);
    });
  }
}

const DRAINING = 'The instance is ending: start it anew to run another policy';

// Draining ends this much later than the last session at most.
const DRAIN_POLL_MS = 50;

// Sessions that are aborted write their records as soon as their sockets are gone, which takes a turn or two of the loop.
const ABORT_TIMEOUT_MS = 1_000;

/** The listeners of an instance, and those of the others. */
interface InstanceListeners {
  readonly own: readonly Listener[];
  readonly others: readonly Listener[];
}

function listenersOf({ policy }: LoadedPolicy, instance: string): InstanceListeners {
  const own = policy.instances.get(instance);
  if (own !== undefined) {
    const others = [...policy.instances].flatMap(([name, all]) => (name === instance ? [] : all));
    return { own, others };
  }
  const names = [...policy.instances.keys()].join(', ');
  throw new Error(`The policy has no instance "${instance}": choose one of ${names}`);
}
