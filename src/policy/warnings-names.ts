// Names that differ only by case: whoever reads a record or gives an option takes one for the other.

import type { Policy } from './policy.ts';
import type { Warning } from './warning.ts';
import { called, placed, warn } from './warning.ts';
import { ruleName } from './warnings-rules.ts';

/** Something with a name, and how a warning calls it. */
interface Named {
  readonly thing: object;
  readonly name: string;
  readonly called: string;
}

/** The warnings about names. */
export function nameWarnings(policy: Policy): readonly Warning[] {
  const listeners = [...policy.instances.values()].flat();
  const instances = [...policy.instances.keys()].map((name) => ({
    thing: policy,
    name,
    called: `instance ${JSON.stringify(name)}`,
  }));
  const kinds: readonly (readonly Named[])[] = [
    instances,
    policy.zones.map(named),
    listeners.map(named),
    [...policy.services, ...policy.programs].map(named), // they share their names
    policy.rules.flatMap((numbered) => {
      const { rule } = numbered;
      if (rule.name === undefined) return [];
      return [{ thing: rule, name: rule.name, called: ruleName(numbered) }];
    }),
  ];
  return kinds.flatMap(alike);
}

function named(thing: { readonly kind: string; readonly name: string }): Named {
  return { thing, name: thing.name, called: called(thing) };
}

/** One warning for each spelling but the first. */
function alike(members: readonly Named[]): readonly Warning[] {
  const first = new Map<string, Named>();
  const seen = new Set<string>();
  return members.flatMap((member) => {
    if (seen.has(member.name)) return [];
    seen.add(member.name);
    const folded = member.name.toLowerCase();
    const other = first.get(folded);
    if (other === undefined) {
      first.set(folded, member);
      return [];
    }
    const message = `${member.called} and ${placed(other.thing, other.called)} differ only by case`;
    return [warn('name.case', member.thing, { message, cure: 'rename one of the two' })];
  });
}
