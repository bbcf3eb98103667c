// An instance in the process of the test: what it holds can be counted.
import { readdirSync } from 'node:fs';
import type { RunningInstance } from '../../src/instance/instance.ts';
import { runInstance } from '../../src/instance/instance.ts';
import { definePolicy } from '../../src/policy/define-policy.ts';
import { listener } from '../../src/policy/listener.ts';
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
  const policy = policyFor(services);
  const loaded = { policy, revision: 'test', file: 'policy.ts', inputs: [], lists: [] };
  const log = new MemoryLog();
  const instance = await runInstance({ loaded, instance: 'zorp', log });
  owner.after(() => instance.drain(0));
  const ports = services.map(({ name }, index) => [name, portOf(instance.listening[index])]);
  return { instance, log, ports: Object.fromEntries(ports) as Record<string, number> };
}

function policyFor(services: readonly Service[]): ReturnType<typeof definePolicy> {
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

function portOf(address = ''): number {
  return Number(address.split(':').at(-1));
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
