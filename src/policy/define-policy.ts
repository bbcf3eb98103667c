// definePolicy: checks everything that a policy says, indexes it, and freezes it into one value.

import { SubnetTree } from '../address/subnet-tree.ts';
import { declare, showValue } from '../proxy/policy-fault.ts';
import { showSource, sourceOf } from '../proxy/source-location.ts';
import { isKind } from './fields.ts';
import type { Listener } from './listener.ts';
import type { Policy } from './policy.ts';
import type { Faults, Instances } from './policy-check.ts';
import { checkBinds, checkInstances, checkServices, report } from './policy-check.ts';
import { checkLists, checkTargetZones } from './policy-lists.ts';
import { PolicyError } from './policy-error.ts';
import type { Zone } from './zone.ts';
import { ancestry } from './zone.ts';

/** What a policy file says; it exports `definePolicy(options)` by default. */
export interface PolicyOptions {
  readonly zones: readonly Zone[];
  /** The listeners of a policy with one instance, which is named `zorp`. */
  readonly listeners?: readonly Listener[];
  /** Listeners by the name of the instance that runs them: `zorp run --instance NAME`. */
  readonly instances?: Readonly<Record<string, readonly Listener[]>>;
}

/**
 * Checks a policy and makes it one value; a policy file exports it by default.
 * @throws PolicyError naming every fault at once.
 * @example export default definePolicy({ zones: [intranet, internet], listeners: [listener('127.0.0.1:8080', web)] });
 */
export function definePolicy(options: PolicyOptions): Policy {
  const place = declare({}, definePolicy);
  const faults: Faults = { found: [], place };
  const instances = checkInstances(options, faults);
  checkBinds(instances, faults);
  const zones = checkZones(options.zones, instances, faults);
  const zoneTree = treeOf(zones, faults);
  const services = checkServices(zones, instances, faults);
  const lists = checkLists(zones, services, faults);
  const targetZones = checkTargetZones(zones, services, faults);
  if (faults.found.length > 0) throw new PolicyError(faults.found);
  const made: Policy = { kind: 'policy', zones, instances, services, zoneTree, lists, targetZones };
  return declare(made, definePolicy);
}

/** Whether a value, such as the default export of a file, is a checked policy. */
export function isPolicy(value: unknown): value is Policy {
  return isKind(value, ['policy']);
}

function checkZones(given: unknown, instances: Instances, faults: Faults): readonly Zone[] {
  if (!Array.isArray(given) || !given.every((zone) => isKind(zone, ['zone']))) {
    report(faults, 'policy', {
      path: 'zones',
      value: showValue(given),
      cure: 'give a list of zones made by zone()',
    });
    return [];
  }
  const zones = given as readonly Zone[];
  const names = new Map<string, Zone>();
  for (const zone of zones) {
    report(faults, zone);
    const other = names.get(zone.name);
    if (other !== undefined) {
      const cure = `choose another name: the zone at ${showSource(sourceOf(other))} has it`;
      report(faults, zone, { path: 'name', value: showValue(zone.name), cure });
    }
    names.set(zone.name, zone);
  }
  checkZoneReferences(zones, instances, faults);
  return zones;
}

/** Every zone that anything refers to must be in the list, or its subnets would silently count for nothing. */
function checkZoneReferences(zones: readonly Zone[], instances: Instances, faults: Faults): void {
  const known = new Set(zones);
  for (const zone of zones)
    for (const ancestor of ancestry(zone).slice(1))
      if (!known.has(ancestor)) report(faults, zone, missing('parent', ancestor));
  for (const listener of [...instances.values()].flat())
    for (const [index, line] of listener.choices.entries())
      for (const side of ['from', 'to'] as const) {
        const zone = line[side];
        if (zone !== '*' && !known.has(zone))
          report(faults, listener, missing(`services[${String(index)}].${side}`, zone));
      }
}

function missing(path: string, zone: Zone): { path: string; value: string; cure: string } {
  return { path, value: showValue(zone), cure: 'add this zone to the zones of definePolicy' };
}

function treeOf(zones: readonly Zone[], faults: Faults): SubnetTree<Zone> {
  const tree = new SubnetTree<Zone>();
  for (const zone of zones)
    for (const [index, subnet] of zone.subnets.entries()) {
      const other = tree.insert(subnet, zone);
      if (other === undefined) continue;
      const where =
        other === zone ? 'this zone' : `zone ${showValue(other)} at ${showSource(sourceOf(other))}`;
      const cure = `remove one of the two: ${where} has the same subnet`;
      report(faults, zone, {
        path: `subnets[${String(index)}]`,
        value: showValue(String(subnet)),
        cure,
      });
    }
  return tree;
}
