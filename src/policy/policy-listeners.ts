// What definePolicy checks of instances and listeners.

import { showValue } from '../proxy/policy-fault.ts';
import { showSource, sourceOf } from '../proxy/source-location.ts';
import { nameFaults } from './fields.ts';
import type { Listener } from './listener.ts';
import { bindsOverlap } from './own-address.ts';
import type { PolicyFaults } from './policy-faults.ts';
import { Claims } from './policy-faults.ts';

/** Listeners by the name of their instance. */
export type Instances = ReadonlyMap<string, readonly Listener[]>;

/** The name of the only instance of a policy that names none. */
export const DEFAULT_INSTANCE = 'zorp';

/** The instances of a policy: either `listeners`, or `instances` by name. */
export function checkInstances(
  options: { readonly listeners?: unknown; readonly instances?: unknown },
  faults: PolicyFaults,
): Instances {
  const instances = new Map<string, readonly Listener[]>();
  for (const [name, path, given] of namedLists(options, faults)) {
    for (const fault of nameFaults(name)) faults.addPolicy({ ...fault, path: 'instances' });
    instances.set(name, checkListeners(path, given, faults));
  }
  checkNames(instances, faults);
  checkBinds(instances, faults);
  return instances;
}

function namedLists(
  { listeners, instances }: { readonly listeners?: unknown; readonly instances?: unknown },
  faults: PolicyFaults,
): readonly (readonly [name: string, path: string, given: unknown])[] {
  if (listeners !== undefined && instances === undefined)
    return [[DEFAULT_INSTANCE, 'listeners', listeners]];
  if (listeners === undefined && isRecord(instances)) {
    const entries = Object.entries(instances);
    if (entries.length > 0)
      return entries.map(([name, given]) => [name, `instances.${name}`, given]);
  }
  const cure = 'give either listeners, or instances: lists of listeners by the name of an instance';
  const [path, value] =
    instances === undefined ? ['listeners', listeners] : ['instances', instances];
  faults.addPolicy({ path, value: showValue(value), cure });
  return [];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkListeners(path: string, given: unknown, faults: PolicyFaults): readonly Listener[] {
  const cure =
    'give a list of listeners, made by listener(), a zone listener or ruleListener(), not copies of them';
  const members = faults.members(given, { path, kinds: ['listener'], cure });
  const listeners = [...members] as Listener[];
  if (Array.isArray(given) && given.length === 0)
    faults.addPolicy({ path, value: '[]', cure: 'give at least one listener' });
  for (const listener of listeners) faults.collect(listener);
  return Object.freeze(listeners);
}

function checkNames(instances: Instances, faults: PolicyFaults): void {
  const names = new Claims<Listener>(faults);
  for (const listener of [...instances.values()].flat()) names.claim(listener.name, listener);
}

/** One address and port belongs to one listener: the second could never open it. */
function checkBinds(instances: Instances, faults: PolicyFaults): void {
  const bindings = [...instances.values()]
    .flat()
    .flatMap((listener) => listener.binds.map((bind) => ({ listener, bind })));
  for (const [index, { listener, bind }] of bindings.entries()) {
    const owner = bindings.slice(0, index).find((earlier) => bindsOverlap(earlier.bind, bind));
    if (owner === undefined) continue;
    const where = `${String(owner.bind)} of the listener at ${showSource(sourceOf(owner.listener))}`;
    const cure = `choose another address or port: ${where} has it`;
    faults.add(listener, { path: 'bind', value: showValue(String(bind)), cure });
  }
}
