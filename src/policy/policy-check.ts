// What definePolicy checks of instances, listeners and services. Every check collects its faults and goes on.

import type { Fault } from '../proxy/policy-fault.ts';
import { showValue } from '../proxy/policy-fault.ts';
import { showSource, sourceOf } from '../proxy/source-location.ts';
import { force, isKind, nameFaults } from './fields.ts';
import type { Listener } from './listener.ts';
import type { PlacedFault } from './policy-error.ts';
import { placedFaults } from './policy-error.ts';
import type { AnyService } from './service.ts';
import type { ServiceList, Zone } from './zone.ts';

/** Listeners by the name of their instance. */
export type Instances = ReadonlyMap<string, readonly Listener[]>;

/** The faults found so far, and the place of the policy as a whole. */
export interface Faults {
  readonly found: PlacedFault[];
  readonly place: object;
}

/** The name of the only instance of a policy that names none. */
export const DEFAULT_INSTANCE = 'zorp';

/** Reports what an object remembers of its own faults, or one more fault of it; 'policy' is the policy as a whole. */
export function report(faults: Faults, thing: object | 'policy', fault?: Fault): void {
  const subject = subjectOf(thing);
  const owner = thing === 'policy' ? faults.place : thing;
  if (fault === undefined) faults.found.push(...placedFaults(owner, subject));
  else faults.found.push({ location: sourceOf(owner), subject, ...fault });
}

function subjectOf(thing: object | 'policy'): string {
  if (thing === 'policy') return 'policy';
  const kind = 'kind' in thing ? String(thing.kind) : 'proxy';
  return 'name' in thing ? `${kind} ${showValue(thing)}` : kind;
}

/** The instances of a policy: either `listeners`, or `instances` by name. */
export function checkInstances(options: unknown, faults: Faults): Instances {
  const given = typeof options === 'object' && options !== null ? options : {};
  const unknown = Object.keys(given).filter((key) => !OPTIONS.includes(key));
  for (const key of unknown) {
    const cure = `remove it: there is no such option; there are ${OPTIONS.join(', ')}`;
    report(faults, 'policy', { path: key, value: showValue(key), cure });
  }
  const instances = new Map<string, readonly Listener[]>();
  for (const [name, listeners] of namedLists(given, faults)) {
    for (const fault of nameFaults(name)) report(faults, 'policy', { ...fault, path: 'instances' });
    instances.set(name, checkListeners(name, listeners, faults));
  }
  return instances;
}

const OPTIONS: readonly string[] = ['zones', 'listeners', 'instances'];

function namedLists(given: object, faults: Faults): readonly (readonly [string, unknown])[] {
  const listeners = 'listeners' in given ? given.listeners : undefined;
  const instances = 'instances' in given ? given.instances : undefined;
  if (listeners !== undefined && instances === undefined) return [[DEFAULT_INSTANCE, listeners]];
  if (listeners === undefined && typeof instances === 'object' && instances !== null)
    return Object.entries(instances);
  const cure = 'give either listeners, or instances: a list of listeners by instance name';
  report(faults, 'policy', { path: 'listeners', value: showValue(listeners), cure });
  return [];
}

function checkListeners(name: string, given: unknown, faults: Faults): readonly Listener[] {
  const isList = Array.isArray(given) && given.every((one) => isKind(one, ['listener']));
  if (!isList || given.length === 0) {
    const cure = 'give a list of at least one listener, made by listener() or a zone listener';
    report(faults, 'policy', { path: `listeners of ${name}`, value: showValue(given), cure });
    return [];
  }
  const listeners = given as readonly Listener[];
  for (const listener of listeners) report(faults, listener);
  return listeners;
}

/** One address and port belongs to one listener: the second could never get a connection. */
export function checkBinds(instances: Instances, faults: Faults): void {
  const owners = new Map<string, Listener>();
  const names = new Map<string, Listener>();
  for (const listener of [...instances.values()].flat()) {
    for (const bind of listener.binds) claim(owners, String(bind), listener, 'bind', faults);
    claim(names, listener.name, listener, 'name', faults);
  }
}

function claim(
  owners: Map<string, Listener>,
  key: string,
  listener: Listener,
  path: 'bind' | 'name',
  faults: Faults,
): void {
  const owner = owners.get(key);
  if (owner === undefined) {
    owners.set(key, listener);
    return;
  }
  if (path === 'bind' && key.endsWith(':0')) return; // the kernel chooses another port for each
  const cure = `choose another: the listener at ${showSource(sourceOf(owner))} has it`;
  report(faults, listener, { path, value: showValue(key), cure });
}

/** All services that can be started, with those stacked in their proxies and those that zones name. */
export function checkServices(
  zones: readonly Zone[],
  instances: Instances,
  faults: Faults,
): readonly AnyService[] {
  const services = new Set<AnyService>();
  const names = new Map<string, AnyService>();
  const waiting = [...instances.values()]
    .flat()
    .flatMap((listener) => listener.choices.map((line) => line.service));
  waiting.push(...zones.flatMap(servicesOf));
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    if (services.has(next)) continue;
    services.add(next);
    checkService(next, names, faults);
    if (next.kind === 'service') waiting.push(...(next.proxy.stacks as readonly AnyService[]));
  }
  return [...services];
}

function servicesOf(zone: Zone): readonly AnyService[] {
  return [zone.outboundServices, zone.inboundServices].flatMap((list) => {
    try {
      const services: ServiceList = list === undefined ? [] : force(list);
      return services.filter((one): one is AnyService => isKind(one, ['service', 'deny-service']));
    } catch {
      return []; // checkLists reports it
    }
  });
}

function checkService(service: AnyService, names: Map<string, AnyService>, faults: Faults): void {
  report(faults, service);
  if (service.kind === 'service')
    for (const part of [service.proxy, service.router, service.chainer]) report(faults, part);
  const other = names.get(service.name);
  names.set(service.name, service);
  if (other === undefined) return;
  const cure = `choose another name: the service at ${showSource(sourceOf(other))} has it`;
  report(faults, service, { path: 'name', value: showValue(service.name), cure });
}
