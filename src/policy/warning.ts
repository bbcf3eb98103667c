// Warnings: what a policy says that is right by itself, and yet is likely not what its author meant. `zorp check` tells.

import { showValue } from '../proxy/policy-fault.ts';
import { showSource, sourceOf } from '../proxy/source-location.ts';

/** What warnings are about, in the order in which the documentation lists them. */
export const WARNING_CODES = [
  'rule.never-wins',
  'rule.never-matches',
  'rule.not-asked',
  'listener.leads-back',
  'service.unused',
  'service.only-stacked',
  'service.parent-not-inband',
  'service.no-clients',
  'service.no-servers',
  'program.unused',
  'zone.empty',
  'zone.unused',
  'list.empty',
  'list.without-stacked',
  'list.no-entries',
  'guard.off',
  'guard.no-effect',
  'tls.old-version',
  'tls.any-server',
  'tls.plain-clients',
  'tls.plain-servers',
  'name.case',
] as const;

/** A stable code of a warning. */
export type WarningCode = (typeof WARNING_CODES)[number];

/** One thing in a policy that is likely a mistake. */
export interface Warning {
  readonly code: WarningCode;
  /** Undefined where the place is not known, like the line and the column. */
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly message: string;
  /** What to write instead. */
  readonly cure: string;
}

/** Makes a warning about an object of a policy, whose place it has. */
export function warn(
  code: WarningCode,
  thing: object,
  { message, cure }: { readonly message: string; readonly cure: string },
): Warning {
  const { file, line, column } = sourceOf(thing) ?? {};
  return { code, file, line, column, message, cure };
}

/** `zone "office"`: the kind and name of an object of a policy. */
export function called(thing: { readonly kind: string; readonly name: string }): string {
  return `${thing.kind} ${showValue(thing)}`;
}

/** The same with its place, for the other object that a warning speaks of. */
export function placed(thing: object, name: string): string {
  return `${name} (${showSource(sourceOf(thing))})`;
}
