// Changes of a text by a regular expression, in linear time: the engine is that of RE2.

import type { Matcher } from 're2js';
import { RE2JS } from 're2js';
import { z } from 'zod';
import { patternCure } from '../../../proxy/pattern-check.ts';
import { invalidResult } from '../../../proxy/policy-call.ts';
import type { Fault } from '../../../proxy/policy-fault.ts';
import { MAX_FIELD_LENGTH } from './field-check.ts';
import {
  checkSettings,
  declare,
  faultsOf,
  isDeclared,
  showValue,
} from '../../../proxy/policy-fault.ts';
import { withoutBlanks } from '../heads/byte-text.ts';

/** Options of `changeRegexp`. */
export interface ChangeRegexpOptions {
  /** Default: false. */
  readonly ignoreCase?: boolean;
}

/** Changes the value of a received field wherever a pattern is found in it. */
export interface ChangeRegexp {
  readonly kind: 'change';
  readonly action: 'change-regexp';
  readonly pattern: string;
  /** The value that another one becomes; the same one if the pattern is not found. */
  readonly apply: (value: string) => string;
}

/** Characters of a replacement, as of a pattern: far more than people can read. */
const MAX_REPLACEMENT_LENGTH = 1_000;
const NO_CHANGE = 'x'; // stands for a pattern that is wrong; nothing is ever run with it

const schema = z.strictObject({
  pattern: z.string({ error: 'give a pattern as a text, in the syntax of RE2' }),
  // What the groups put in comes from a value, and is sound.
  replacement: z
    .string({ error: 'give a text' })
    .regex(/^[\t\x20-\x7e\x80-\xff]*$/, {
      error: 'write Latin-1 characters, without control characters',
    })
    .max(MAX_REPLACEMENT_LENGTH, { error: `write at most ${MAX_REPLACEMENT_LENGTH} characters` }),
  ignoreCase: z.boolean({ error: 'give true or false' }).default(false),
});

/**
 * Changes the value of a received field: everything that the pattern finds becomes the replacement, in which `$1` to
 * `$99` and `$<name>` are what a group found, `$&` is all that was found and `$$` is a dollar sign. The pattern has the
 * syntax of RE2, without back-references and look-around. A value in which nothing is found stays.
 * @example responseHeader: { Location: changeRegexp('^http://(intranet\\.example/)', 'https://$1') }
 */
export function changeRegexp(
  pattern: string,
  replacement: string,
  options: ChangeRegexpOptions = {},
): ChangeRegexp {
  const { settings, faults } = checkSettings(
    schema,
    { pattern, replacement, ...options },
    { pattern: NO_CHANGE, replacement: '' },
  );
  const flags = settings.ignoreCase ? RE2JS.CASE_INSENSITIVE : 0;
  const cure = patternCure(settings.pattern, flags);
  const compiled = RE2JS.compile(cure === undefined ? settings.pattern : NO_CHANGE, flags);
  const parts = partsOf(settings.replacement, compiled);
  const made: ChangeRegexp = {
    kind: 'change',
    action: 'change-regexp',
    pattern: settings.pattern,
    apply: (value) => change(value, compiled, typeof parts === 'string' ? [] : parts),
  };
  const more: Fault[] = [];
  if (cure !== undefined) more.push({ path: 'pattern', value: showValue(settings.pattern), cure });
  else if (typeof parts === 'string')
    more.push({ path: 'replacement', value: showValue(settings.replacement), cure: parts });
  return declare(made, changeRegexp, [...faults, ...more]);
}

/** Whether `changeRegexp()` made this very object: a copy was checked by nobody. */
export function isRegexpChange(value: unknown): value is ChangeRegexp {
  return (
    typeof value === 'object' &&
    value !== null &&
    'action' in value &&
    value.action === 'change-regexp' &&
    isDeclared(value)
  );
}

/** What to write instead of a faulty change; undefined if it is right. */
export function changeCure(change: ChangeRegexp): string | undefined {
  const [fault] = faultsOf(change);
  return fault && `correct the ${fault.path} of changeRegexp(): ${fault.cure}`;
}

/** A piece of a replacement: a text, or the number or name of a group. */
type Part = { readonly text: string } | { readonly group: number | string };

/** The parts of a replacement; a text says what to write instead. */
function partsOf(replacement: string, compiled: RE2JS): readonly Part[] | string {
  const parts: Part[] = [];
  const names = Object.keys(compiled.namedGroups());
  for (const [piece, number, name] of replacement.matchAll(
    /\$(?:([1-9][0-9]?)|<([^>]*)>|[$&])|\$|[^$]+/g,
  )) {
    if (number !== undefined && Number(number) <= compiled.groupCount())
      parts.push({ group: Number(number) });
    else if (name !== undefined && names.includes(name)) parts.push({ group: name });
    else if (piece === '$&') parts.push({ group: 0 });
    else if (piece === '$$') parts.push({ text: '$' });
    else if (!piece.startsWith('$')) parts.push({ text: piece });
    else return `${piece} is no group of the pattern: write $$ for a dollar sign`;
  }
  return parts;
}

function change(value: string, compiled: RE2JS, parts: readonly Part[]): string {
  const matcher = compiled.matcher(value);
  let made = '';
  let done = 0;
  while (matcher.find()) {
    made += value.slice(done, matcher.start()) + expanded(parts, matcher);
    done = matcher.end();
    // Replacements of empty matches could make megabytes of a long value.
    if (made.length > MAX_FIELD_LENGTH)
      throw invalidResult(
        'change by a regular expression',
        made,
        `at most ${MAX_FIELD_LENGTH} characters`,
      );
  }
  // What is left of a value may begin or end with a blank, which is no part of a value.
  return done === 0 && made === '' ? value : withoutBlanks(made + value.slice(done));
}

function expanded(parts: readonly Part[], matcher: Matcher): string {
  let text = '';
  for (const part of parts) text += 'text' in part ? part.text : (matcher.group(part.group) ?? '');
  return text;
}
