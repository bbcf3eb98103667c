// What definePolicy checks of instances and listeners.

import { showValue } from '../proxy/policy-fault.ts';
import { showSource, sourceOf } from '../proxy/source-location.ts';
import { nameFaults } from './fields.ts';
import { checkFollows } from './check-follows.ts';
import { withHidden } from './hidden-listener.ts';
import type { Listener } from './make-listener.ts';
import { bindsOverlap } from './own-address.ts';
import type { PacketFilterSettings } from './packet-filter-settings.ts';
import type { PolicyFaults } from './policy-faults.ts';
import { Claims } from './policy-faults.ts';

/** Listeners by the name of their instance. */
export type Instances = ReadonlyMap<string, readonly Listener[]>;

/** The name of the only instance of a policy that names none. */
export const DEFAULT_INSTANCE = 'zorp';

/** What `definePolicy` was given that says something of listeners. */
export interface GivenListeners {
  readonly listeners?: unknown;
  readonly instances?: unknown;
  /** Whether there are rules, for which a policy with one instance gets a listener by itself. */
  readonly hasRules: boolean;
  readonly packetFilter: PacketFilterSettings;
}

/** The instances of a policy: either `listeners`, or `instances` by name. */
export function checkInstances(given: GivenListeners, faults: PolicyFaults): Instances {
  const lists = new Map<string, readonly Listener[]>();
  const named = namedLists(given, faults);
  for (const [name, path, list] of named) {
    for (const fault of nameFaults(name)) faults.addPolicy({ ...fault, path: 'instances' });
    lists.set(name, checkListeners(path, list, faults));
  }
  const instances = withHidden(lists, given, faults);
  for (const [name, path, list] of named)
    if (isEmptyList(list) && isEmptyList(instances.get(name)))
      faults.addPolicy({ path, value: '[]', cure: 'give at least one listener' });
  checkNames(instances, faults);
  checkBinds(instances, faults);
  checkFollows([...instances.values()].flat(), faults);
  return instances;
}

function namedLists(
  { listeners, instances, hasRules }: GivenListeners,
  faults: PolicyFaults,
): readonly (readonly [name: string, path: string, given: unknown])[] {
  if (instances === undefined && (listeners !== undefined || hasRules))
    return [[DEFAULT_INSTANCE, 'listeners', listeners ?? []]];
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
  for (const listener of listeners)
    for (const one of [listener, ...listener.follows]) faults.collect(one);
  return Object.freeze(listeners);
}

function checkNames(instances: Instances, faults: PolicyFaults): void {
  const names = new Claims<Listener>(faults);
  for (const listener of [...instances.values()].flat()) names.claim(listener.name, listener);
}

/** One address and port belongs to one listener: the second could never open it. */
function checkBinds(instances: Instances, faults: PolicyFaults): void {
  const all = [...instances.values()].flat();
  // Those that the policy places come first: of a collision with the hidden one its port is the fault.
  const inOrder = [...all.filter(({ isHidden }) => !isHidden), ...all.filter(isHiddenOne)];
  const bindings = inOrder.flatMap((listener) =>
    listener.binds.map((bind) => ({ listener, bind })),
  );
  for (const [index, { listener, bind }] of bindings.entries()) {
    const owner = bindings
      .slice(0, index)
      .find(
        (earlier) => shareProtocol(earlier.listener, listener) && bindsOverlap(earlier.bind, bind),
      );
    if (owner === undefined) continue;
    const where = `${String(owner.bind)} of the listener at ${showSource(sourceOf(owner.listener))}`;
    const value = showValue(String(bind));
    if (listener.isHidden) {
      const cure = `choose another port: ${where} has it, and the hidden listener of the rules needs one`;
      faults.addPolicy({ path: 'packetFilter.rulePort', value, cure });
    } else
      faults.add(listener, {
        path: 'bind',
        value,
        cure: `choose another address or port: ${where} has it`,
      });
  }
}

/** The hidden listener has TCP and UDP. */
function shareProtocol(one: Listener, other: Listener): boolean {
  return one.protocol === other.protocol || one.isHidden || other.isHidden;
}

function isHiddenOne({ isHidden }: Listener): boolean {
  return isHidden;
}

function isEmptyList(list: unknown): boolean {
  return Array.isArray(list) && list.length === 0;
}
