// Which instance of a policy a command means.

import type { Policy } from '../policy/policy.ts';
import { wrongUse } from './command.ts';

/** The instance of this name, or the only one. Throws wrong use, naming the instances. */
export function chooseInstance(policy: Policy, name: string | undefined): string {
  const names = [...policy.instances.keys()];
  const [first = ''] = names;
  if (name === undefined && names.length === 1) return first;
  if (name !== undefined && names.includes(name)) return name;
  const cure = `give --instance with one of ${names.join(', ')}`;
  throw wrongUse(
    name === undefined
      ? `The policy has ${names.length} instances: ${cure}`
      : `The policy has no instance "${name}": ${cure}`,
  );
}
