// What a policy file exports. Node keeps every module that it ever loaded, with all that it exports, so a policy that a
// reload has replaced would stay in memory for ever, with its lists and certificates. What is exported lets go of it.

import type { LiveInput } from '../proxy/live-input.ts';
import { redeclare } from '../proxy/policy-fault.ts';
import type { Policy } from './policy.ts';

interface Holder {
  /** Undefined once the policy was taken. */
  policy: Policy | undefined;
}

const holders = new WeakMap<Policy, Holder>();

/** A policy to export: it reads like the very one, also when that was taken, as long as anybody uses it. */
export function exportable(policy: Policy): Policy {
  const weak = new WeakRef(policy);
  const exported = {};
  for (const name of Object.keys(policy) as (keyof Policy)[])
    Object.defineProperty(exported, name, { enumerable: true, get: () => weak.deref()?.[name] });
  holders.set(exported as Policy, { policy });
  return redeclare(exported as Policy, policy);
}

/** Takes the policy out of what was exported. */
export function takePolicy(exported: Policy): Policy {
  const holder = holders.get(exported);
  if (holder?.policy === undefined) throw new Error('the policy was taken before');
  const { policy } = holder;
  holder.policy = undefined;
  // Policies that differ in the addresses of host names only share this list.
  unused.register(policy.liveInputs, [...policy.liveInputs]);
  return policy;
}

/** A module keeps the variables that functions of the policy mention: their lists go when nobody has the policy any more. */
const unused = new FinalizationRegistry((inputs: readonly LiveInput[]) => {
  for (const input of inputs) if (input.kind === 'live-file') input.forget();
});
