// Strict header checking, compiled for one direction: the grammar of each name that the head parser knows.

import { Violation } from '../../../proxy/violation.ts';
import { latin1 } from '../heads/byte-text.ts';
import type { Head } from '../heads/head.ts';
import type { HeaderTable } from '../heads/header-table.ts';
import type { HttpField } from '../rules/http-field.ts';
import { makeHead } from '../heads/made-head.ts';
import { policyProblem, Refused } from '../problem.ts';
import type { FieldGrammar } from './field-grammar.ts';
import { GRAMMARS } from './field-grammar.ts';
import { knownHeaders } from './known-headers.ts';
import type { StrictHeaderSettings } from './strict-settings.ts';

/** The policy over the fields of a direction. */
export interface FieldNames {
  /** The names that the head parser finds: with those of `strictNames`. */
  readonly names: HeaderTable;
  /** The names that the policy has rules for, in lower case. */
  readonly ownNames: ReadonlySet<string>;
}

/** The names that the head parser must know for the check; none if it is off. */
export function strictNames(
  direction: 'request' | 'response',
  settings: StrictHeaderSettings,
): readonly string[] {
  return settings.strictHeaderChecking ? knownHeaders(direction).map(([name]) => name) : [];
}

/** The check of a direction; undefined if it is off. */
export function strictHeaderOf(
  direction: 'request' | 'response',
  fields: FieldNames,
  settings: StrictHeaderSettings,
): StrictHeader | undefined {
  return settings.strictHeaderChecking ? new StrictHeader(direction, fields, settings) : undefined;
}

/** What a field that the policy names may hold, if no grammar is known for it: anything. */
const FREE = 'free';

/** The check of heads of one direction. */
export class StrictHeader {
  readonly #side: 'client' | 'server';
  readonly #action: StrictHeaderSettings['strictHeaderCheckingAction'];
  readonly #names: HeaderTable;
  /** By the id of a name. */
  readonly #grammars: readonly (FieldGrammar | typeof FREE | undefined)[];

  constructor(
    direction: 'request' | 'response',
    { names, ownNames }: FieldNames,
    { strictHeaderCheckingAction }: StrictHeaderSettings,
  ) {
    this.#side = direction === 'request' ? 'client' : 'server';
    this.#action = strictHeaderCheckingAction;
    this.#names = names;
    const known = new Map(knownHeaders(direction));
    this.#grammars = names.names.map((name) => {
      const grammar = known.get(name);
      if (grammar !== undefined) return GRAMMARS[grammar];
      return ownNames.has(name) ? FREE : undefined;
    });
  }

  /** Checks all fields; gives the head without those that must not be passed on. */
  check<Line>(head: Head<Line>): Head<Line> {
    const kept: HttpField[] = [];
    for (let index = 0; index < head.count; index++)
      if (this.passes(head, index)) kept.push([head.name(index), head.value(index)]);
    if (kept.length === head.count) return head;
    const lineText = latin1(head.bytes, head.base, head.lineStart(0) - 2);
    return makeHead({ line: head.line, lineText, fields: kept }, this.#names);
  }

  /** Whether one field may be passed on. Throws what refuses the message. */
  passes(head: Head<unknown>, index: number): boolean {
    const grammar = this.#grammars[head.id(index)];
    return grammar === undefined
      ? this.#passesUnknown(head.name(index))
      : this.#fits(head, index, grammar);
  }

  /** Throws a Violation for a value that the grammar of its name does not have. */
  #fits(head: Head<unknown>, index: number, grammar: FieldGrammar | typeof FREE): true {
    if (grammar === FREE) return true;
    const length = head.valueEnd(index) - head.valueStart(index);
    if (length <= grammar.maxBytes && grammar.pattern.test(head.value(index))) return true;
    throw new Violation(
      'http.bad-field-value',
      this.#side,
      `The header field ${head.name(index)} has a value that it may not have`,
    );
  }

  #passesUnknown(name: string): boolean {
    const action = this.#action;
    if (action.action !== 'abort') return action.action === 'accept';
    const text = action.text ?? `The header field ${name} is not known here`;
    throw new Refused(policyProblem('http.unknown-header', text, 'aborted-by-policy-action'));
  }
}
