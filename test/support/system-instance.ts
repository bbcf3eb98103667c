// An instance in the process of the test: what it holds can be counted.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import type { InstanceOptions, RunningInstance } from '../../src/instance/instance.ts';
import { runInstance } from '../../src/instance/instance.ts';
import type { LoadedPolicy } from '../../src/instance/load-policy.ts';
import type { DecisionRecord } from '../../src/log/decision-record.ts';
import { definePolicy } from '../../src/policy/define-policy.ts';
import { listener } from '../../src/policy/listener.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { directedRouter } from '../../src/policy/router.ts';
import type { Service, ServiceOptions } from '../../src/policy/service.ts';
import { service } from '../../src/policy/service.ts';
import { zone } from '../../src/policy/zone.ts';
import type { ProxyFactory } from '../../src/proxy/engine.ts';
import { MemoryLog } from './memory-log.ts';
import type { Owner } from './system-process.ts';
import { until } from './system-wait.ts';

/** An instance of a test, with a listener for each of its proxies. */
export interface TestInstance {
  readonly instance: RunningInstance;
  readonly log: MemoryLog;
  /** The port of each proxy, by the name of its service. */
  readonly ports: Readonly<Record<string, number>>;
}

/** Runs proxies before a server of this machine. */
export async function startInstance(
  owner: Owner,
  serverPort: number,
  proxies: Readonly<Record<string, ProxyFactory>>,
  options: Pick<ServiceOptions, 'encryption'> = {},
): Promise<TestInstance> {
  const router = directedRouter({ destination: `127.0.0.1:${serverPort}` });
  return startServices(
    owner,
    Object.entries(proxies).map(([name, proxy]) => service(name, { proxy, router, ...options })),
  );
}

/** Runs services, each with a listener of its own. */
export async function startServices(
  owner: Owner,
  services: readonly Service[],
): Promise<TestInstance> {
  const { instance, log, ports } = await startPolicy(owner, policyFor(services));
  const named = services.map(({ name }, index) => [name, ports[index]]);
  return { instance, log, ports: Object.fromEntries(named) as Record<string, number> };
}

/** An instance that runs a policy. */
export interface RunningPolicy {
  readonly instance: RunningInstance;
  readonly log: MemoryLog;
  /** The ports of its listeners, in their order. */
  readonly ports: readonly number[];
}

/** Runs a policy until its owner ends. */
export async function startPolicy(
  owner: Owner,
  policy: Policy,
  options: Pick<InstanceOptions, 'names'> = {},
): Promise<RunningPolicy> {
  const log = new MemoryLog();
  const loaded = loadedOf(policy);
  const instance = await runInstance({ loaded, instance: 'zorp', log, ...options });
  owner.after(() => instance.drain(0));
  return { instance, log, ports: instance.listening.map(portOf) };
}

/** A policy as it is loaded, from a file that is not there. */
export function loadedOf(policy: Policy, revision = 'test'): LoadedPolicy {
  return { policy, revision, file: 'policy.ts', inputs: [], lists: [] };
}

function policyFor(services: readonly Service[]): Policy {
  const machine = zone('machine', {
    subnets: ['127.0.0.1'],
    outboundServices: services,
    inboundServices: services,
  });
  const options = { backlog: 4096 };
  const listeners = services.map((one) =>
    listener('127.0.0.1:0', one, { ...options, name: one.name }),
  );
  return definePolicy({ zones: [machine], listeners });
}

function portOf(address: string): number {
  return Number.parseInt(address.split(':').at(-1) ?? '', 10); // a receiver says "/udp" behind it
}

/** Does something, and the last record that has come of it. */
export async function recordOf(
  { log }: Pick<TestInstance, 'log'>,
  work: () => Promise<unknown>,
): Promise<DecisionRecord> {
  const count = log.records.length;
  await work();
  return until('a record', () => log.records.slice(count).at(-1));
}

/** Fails where the log tells of a fault of Zorp itself. */
export function assertNoBug({ log }: Pick<TestInstance, 'log'>): void {
  const bugs = log.lines.filter(({ code }) => code.endsWith('internal-error'));
  assert.deepEqual(bugs, []);
}

/** Runs something and waits until the instance and the test hold no more than before: no session, socket or timer. */
export async function leavesNothing(
  { instance }: TestInstance,
  work: () => Promise<void>,
): Promise<void> {
  const held = (): string => JSON.stringify({ sessions: instance.sessionCount, ...holdings() });
  const isIdle = (): boolean => instance.sessionCount === 0 && holdings().busy.length === 0;
  await until('nothing to be held before', () => isIdle() || undefined, { seen: held });
  const before = holdings().descriptors;
  await work();
  // Fewer will do: pipes that nobody uses any more are closed a second later.
  const isSame = (): boolean => isIdle() && holdings().descriptors <= before;
  const seen = (): string => `${held()}, before ${before} descriptors`;
  await until('everything to be given back', () => isSame() || undefined, { seen });
}

function holdings(): { readonly descriptors: number; readonly busy: readonly string[] } {
  const busy = process.getActiveResourcesInfo().filter((one) => BUSY.has(one));
  return { descriptors: readdirSync('/proc/self/fd').length, busy };
}

// Closed servers stay in the list for a while; the output and the files of the test come and go.
const BUSY = new Set(['TCPSocketWrap', 'TCPConnectWrap', 'ConnectWrap', 'Timeout']);
