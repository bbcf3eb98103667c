// The faults that definePolicy collects: it goes on after each, so that all of a policy are told at once.

import type { Fault } from '../proxy/policy-fault.ts';
import { faultsOf, showValue } from '../proxy/policy-fault.ts';
import { showSource, sourceOf } from '../proxy/source-location.ts';
import type { Kind } from './fields.ts';
import { isKind } from './fields.ts';
import type { PlacedFault } from './policy-error.ts';

/** Which members a list may have, and where it is. */
export interface ListRule {
  readonly path: string;
  readonly kinds: readonly Kind[];
  readonly cure: string;
}

/** The faults found so far. */
export class PolicyFaults {
  readonly found: PlacedFault[] = [];
  /** Stands for the policy as a whole: its source is the line of definePolicy. */
  readonly place: object;
  readonly #collected = new Set<object>();

  constructor(place: object) {
    this.place = place;
  }

  /** Adds a fault of an object. */
  add(thing: object, fault: Fault): void {
    this.found.push({ location: sourceOf(thing), subject: subjectOf(thing), ...fault });
  }

  /** Adds a fault of the policy as a whole. */
  addPolicy(fault: Fault): void {
    this.found.push({ location: sourceOf(this.place), subject: 'policy', ...fault });
  }

  /** Adds what an object remembers of its own faults, once. */
  collect(thing: object): void {
    if (this.#collected.has(thing)) return;
    this.#collected.add(thing);
    for (const fault of faultsOf(thing)) this.add(thing, fault);
  }

  /** The members of a list that are right and stand there for the first time; the others are faults of the policy. */
  members(given: unknown, { path, kinds, cure }: ListRule): ReadonlySet<object> {
    const members = new Set<object>();
    if (!Array.isArray(given)) {
      this.addPolicy({ path, value: showValue(given), cure });
      return members;
    }
    for (const [index, member] of given.entries()) {
      const fault = { path: `${path}[${String(index)}]`, value: showValue(member) };
      if (!isObjectOf(member, kinds)) this.addPolicy({ ...fault, cure });
      else if (members.has(member)) this.addPolicy({ ...fault, cure: 'name it only once' });
      else members.add(member);
    }
    return members;
  }
}

function isObjectOf(value: unknown, kinds: readonly Kind[]): value is object {
  return isKind(value, kinds);
}

function subjectOf(thing: object): string {
  const kind = 'kind' in thing ? String(thing.kind) : 'proxy';
  if ('name' in thing && thing.name !== undefined) return `${kind} ${showValue(thing)}`;
  return 'id' in thing && thing.id !== undefined ? `${kind} ${showValue(thing.id)}` : kind;
}

/** Things by a key that may be used once: a second owner is told where the first one is. */
export class Claims<Thing extends object> {
  readonly #owners = new Map<string, Thing>();
  readonly #faults: PolicyFaults;

  constructor(faults: PolicyFaults) {
    this.#faults = faults;
  }

  /** Claims a name for a thing; a name that another thing has is a fault. */
  claim(name: string, thing: Thing): void {
    const owner = this.#owners.get(name);
    if (owner === undefined) this.#owners.set(name, thing);
    else if (owner !== thing)
      this.#faults.add(thing, {
        path: 'name',
        value: showValue(name),
        cure: `choose another: the one at ${showSource(sourceOf(owner))} has it`,
      });
  }
}
