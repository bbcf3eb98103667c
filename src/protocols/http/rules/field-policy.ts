// The policy over header fields: compiled once, then applied to the fields of one head after the other.

import { callPolicy, disregard, invalidResult, isPromise } from '../../../proxy/policy-call.ts';
import type { Drop } from '../../../proxy/policy-action.ts';
import { actionOf } from '../../../proxy/policy-action.ts';
import type { ProxySession } from '../../../proxy/proxy-session.ts';
import { SP } from '../heads/byte-class.ts';
import type { ChangeRegexp } from './change-regexp.ts';
import { changeCure, isRegexpChange } from './change-regexp.ts';
import type { FieldAnswers } from './field-answers.ts';
import { isHostName, nameCure, valueCure } from './field-check.ts';
import type { Head } from '../heads/head.ts';
import type { HeadWriter } from '../heads/head-writer.ts';
import type {
  ChangeBoth,
  ChangeName,
  ChangeValue,
  FieldAction,
  HeaderRule,
  HeaderText,
} from './header-action.ts';
import {
  CONTENT_LENGTH,
  EXPECT,
  flagsOf,
  HeaderTable,
  HOP_BY_HOP,
  HOST,
  TRANSFER_ENCODING,
  UNKNOWN,
} from '../heads/header-table.ts';
import type { HttpRequest } from './http-request.ts';
import type { Problem } from '../problem.ts';
import { policyProblem, Refused } from '../problem.ts';

/** What a policy says of header fields, by name or `*`. */
export type HeaderRules = Readonly<Record<string, HeaderRule>>;

/** A field that asks for another method: it passes, as far as its name goes, if the policy permits that method, too. */
export interface MethodCheck {
  readonly action: 'check-method';
  readonly permits: (method: string) => boolean;
}

/** What is to be done with fields: what a policy says, and what the proxy does by itself. */
export type FieldRules = Readonly<Record<string, HeaderRule | MethodCheck>>;

/** The request that fields are of, or answer to. */
export interface RequestSource {
  /** The request as functions of the policy see it; made when the first one needs it. */
  policyRequest(): HttpRequest;
}

/** What functions of the policy are given. */
export interface FieldContext {
  readonly session: ProxySession;
  readonly exchange: RequestSource;
  /** Lower-case names of fields that end at this proxy. */
  readonly strip: readonly string[];
  /** A whole line with the credentials that go on to the server. */
  readonly credentials?: string | undefined;
  /** Where promises can be waited for; elsewhere fields that functions answer with one for are dropped. Default: nowhere. */
  readonly answers?: FieldAnswers | undefined;
}

/** A Via field for messages of HTTP/1.0 and one for those of 1.1, as whole lines. */
export type ViaLines = readonly [minor0: string, minor1: string];

interface Appended {
  readonly name: string;
  readonly value: HeaderText;
  /** The field as it is written, once a constant value has been checked. */
  text: string | undefined;
}

/** `*` does not touch what makes a message mean what it means: those fields obey a rule of their own name only. */
const EXEMPT = new Set([HOST, CONTENT_LENGTH, TRANSFER_ENCODING, EXPECT]);

/** Whether the proxy looks at fields with this id before the policy does. */
function isProxysOwn(id: number): boolean {
  return EXEMPT.has(id) || (flagsOf(id) & HOP_BY_HOP) !== 0;
}

/** Whether fields under a rule stay what they are, or go. */
function isOnlyJudged(rule: HeaderRule): boolean {
  return typeof rule !== 'function' && ['accept', 'drop', 'abort'].includes(rule.action);
}

/** Discards a field that came; one of this name that a function of the policy set passes. */
export const DROP_RECEIVED: Drop = Object.freeze({ action: 'drop' });

/** The compiled policy over the header fields of one direction. */
export class FieldPolicy {
  readonly names: HeaderTable;
  /** Our own Via, if one is added. */
  readonly via: ViaLines | undefined;
  /** The names that it has rules for, in lower case. */
  readonly ownNames: ReadonlySet<string>;
  /** The names that its rules give to other fields, in lower case; what functions give is not known before. */
  readonly givenNames: ReadonlySet<string>;
  /** Whether a function of the policy is called for some field. */
  readonly hasFunctions: boolean;
  readonly #rules: readonly (HeaderRule | MethodCheck | undefined)[];
  readonly #other: HeaderRule | undefined;
  /** 1 at the place of an id plus one, UNKNOWN included, whose fields pass as they stand. */
  readonly #passing: Uint8Array;
  readonly #appended: readonly Appended[];

  /** `otherNames` are further names that heads are searched for. */
  constructor(rules: FieldRules, via?: ViaLines, otherNames: readonly string[] = []) {
    this.via = via;
    const own = Object.entries(rules).filter(([name]) => name !== '*');
    const byName = new Map(own.map(([name, rule]) => [name.toLowerCase(), rule]));
    const isOwn = ([, rule]: [string, HeaderRule | MethodCheck]): boolean => !isMethodCheck(rule);
    this.ownNames = new Set(own.filter(isOwn).map(([name]) => name.toLowerCase()));
    this.givenNames = new Set(Object.values(rules).flatMap(givenName));
    this.names = new HeaderTable([...byName.keys(), ...otherNames]);
    this.hasFunctions = Object.values(rules).some(
      (rule) => typeof rule === 'function' || ('value' in rule && typeof rule.value === 'function'),
    );
    const star = rules['*'];
    this.#other = isMethodCheck(star) ? undefined : star;
    this.#rules = this.names.names.map(
      (name, id) => byName.get(name) ?? (EXEMPT.has(id) ? undefined : star),
    );
    const passing = this.#rules.map((rule, id) => rule === undefined && !isProxysOwn(id));
    this.#passing = Uint8Array.from([this.#other === undefined, ...passing], Number);
    this.#appended = own.flatMap(([name, rule]) =>
      typeof rule !== 'function' && (rule.action === 'insert' || rule.action === 'replace')
        ? [{ name, value: rule.value, text: undefined }]
        : [],
    );
  }

  /** The rule for field `index` of a head. */
  ruleFor(head: Head<unknown>, index: number): HeaderRule | MethodCheck | undefined {
    const id = head.id(index);
    return id === UNKNOWN ? this.#other : this.#rules[id];
  }

  /** Whether neither the policy nor the proxy has anything to say of fields with this id: they pass as they stand. */
  passes(id: number): boolean {
    return this.#passing[id + 1] === 1;
  }

  /** Whether all that the policy says of fields with this id, if anything, is that they pass. */
  permits(id: number): boolean {
    const rule = this.#rules[id];
    return rule === undefined || (typeof rule !== 'function' && rule.action === 'accept');
  }

  /** Whether a field of this name, in lower case, may be the policy's own, or have a value of its own: where that cannot be ruled out. */
  mayWrite(name: string): boolean {
    const isOfAll = this.#other !== undefined && !isOnlyJudged(this.#other);
    return isOfAll || this.hasFunctions || this.ownNames.has(name) || this.givenNames.has(name);
  }

  /** Whether fields with this id are discarded only if they came. */
  dropsReceived(id: number): boolean {
    return this.#rules[id] === DROP_RECEIVED;
  }

  /** Writes field `index` as the policy wants it: as it is, changed, or not at all. */
  writeField(head: Head<unknown>, index: number, context: FieldContext, writer: HeadWriter): void {
    const rule = this.#checked(this.ruleFor(head, index), { head, index }, context);
    if (rule === undefined) {
      keepField(head, index, writer);
      return;
    }
    const action = typeof rule === 'function' ? callRule(rule, { head, index }, context) : rule;
    if (action === undefined) return;
    if (action.action === 'accept' || action.action === 'insert') keepField(head, index, writer);
    else if (action.action === 'abort') throw new Refused(refusal(action.text));
    else if (action.action !== 'drop' && action.action !== 'replace')
      writer.text(changed(action, { head, index }, context) ?? '');
  }

  /** Writes the Host of a request that came without one: who sends none does not get round a change of it. */
  writeHost(authority: string, context: FieldContext, writer: HeadWriter): void {
    const rule = this.#rules[HOST];
    let value: string | undefined = authority;
    if (typeof rule === 'object' && rule.action === 'change-value')
      value = textOf(rule.value, 'made host', context);
    else if (typeof rule === 'object' && rule.action === 'change-regexp')
      value = rule.apply(authority);
    if (value !== undefined) writer.text(fieldText('Host', value));
  }

  /** What is left to be done with a field that asks for another method: what is done with any other. */
  #checked(
    rule: HeaderRule | MethodCheck | undefined,
    { head, index }: FieldPlace,
    context: FieldContext,
  ): HeaderRule | undefined {
    if (!isMethodCheck(rule)) return rule;
    checkMethod(rule, head.value(index), context);
    return this.#other;
  }

  /** Writes the fields that the policy adds. */
  writeAppended(context: FieldContext, writer: HeadWriter): void {
    for (let index = 0; index < this.#appended.length; index++) {
      const appended = this.#appended[index] as Appended; // the index is inside the list
      const line = appended.text ?? appendedLine(appended, index, context);
      if (line !== undefined) writer.text(line);
    }
  }
}

function givenName(rule: HeaderRule | MethodCheck): readonly string[] {
  if (typeof rule === 'function') return [];
  const isGiven = rule.action === 'change-name' || rule.action === 'change-both';
  return isGiven ? [rule.name.toLowerCase()] : [];
}

/** The line of an added field; undefined where its value is waited for. What is constant is made once. */
function appendedLine(
  appended: Appended,
  index: number,
  context: FieldContext,
): string | undefined {
  const { name, value } = appended;
  const text = textOf(value, `added ${index}`, context);
  if (text === undefined) return undefined;
  const line = fieldText(name, text);
  if (typeof value === 'string') appended.text = line;
  return line;
}

function isMethodCheck(rule: HeaderRule | MethodCheck | undefined): rule is MethodCheck {
  return typeof rule === 'object' && rule.action === 'check-method';
}

/** The server may do what the field says: then that is what the policy must permit. */
function checkMethod({ permits }: MethodCheck, method: string, context: FieldContext): void {
  if (permits(method) || method === context.exchange.policyRequest().method) return;
  const text = 'The policy does not permit the method that a header field asks for';
  throw new Refused(policyProblem('http.method-override', text));
}

/** Writes a received field: as it stands if it stands in canonical form, with one blank after the colon. */
export function keepField(head: Head<unknown>, index: number, writer: HeadWriter): void {
  const start = head.lineStart(index);
  const next = head.lineStart(index + 1);
  const colon = head.colon(index);
  const isCanonical =
    head.valueStart(index) === colon + 2 &&
    head.bytes[colon + 1] === SP &&
    head.valueEnd(index) + 2 === next;
  if (isCanonical) writer.keep(start, next);
  else writer.text(`${head.name(index)}: ${head.value(index)}\r\n`);
}

/** One field of a head. */
interface FieldPlace {
  readonly head: Head<unknown>;
  readonly index: number;
}

/** A field with another name, another value, or both; undefined where that is not known yet, or never. */
function changed(
  action: ChangeName | ChangeValue | ChangeBoth | ChangeRegexp,
  { head, index }: FieldPlace,
  context: FieldContext,
): string | undefined {
  const hasName = action.action === 'change-name' || action.action === 'change-both';
  const name = hasName ? otherThanHost(action.name) : head.name(index);
  if (action.action === 'change-name') return fieldText(name, head.value(index));
  if (action.action === 'change-regexp') return fieldText(name, action.apply(head.value(index)));
  const text = textOf(action.value, `value ${index}`, context);
  return text === undefined ? undefined : fieldText(name, text);
}

function refusal(text = 'The policy does not permit a header field'): Problem {
  return policyProblem('http.header-refused', text, 'aborted-by-policy-action');
}

/** A second Host would make the request mean two servers. */
function otherThanHost(name: string): string {
  // A function may give anything, which is looked at where the field is written.
  if (typeof name !== 'string' || !isHostName(name)) return name;
  throw invalidResult('header policy', name, 'another name: there is one Host');
}

/** A field that a policy made, as it is written; what is no field is never sent. */
function fieldText(name: string, value: string): string {
  const wrongName = nameCure(name);
  if (wrongName !== undefined) throw invalidResult('header policy', name, wrongName);
  const wrongValue = valueCure(name, value);
  if (wrongValue !== undefined) throw invalidResult(`header policy for ${name}`, value, wrongValue);
  return `${name}: ${value}\r\n`;
}

function textOf(value: HeaderText, question: string, context: FieldContext): string | undefined {
  if (typeof value === 'string') return value;
  const call = (): unknown => value(context.session, context.exchange.policyRequest());
  const made = ask(question, 'header value', call, context);
  if (made === LATER) return undefined;
  if (typeof made === 'string') return made;
  throw invalidResult('header value', made, 'a text');
}

/** In the place of an answer that is a promise: where it is waited for, the head is written again. */
const LATER = Symbol('later');

/** What a function of the policy answers. */
function ask(
  question: string,
  name: string,
  call: () => unknown,
  { answers }: FieldContext,
): unknown {
  const answer = answers === undefined ? callPolicy(name, call) : answers.ask(question, name, call);
  if (!isPromise(answer)) return answer;
  if (answers === undefined) disregard(answer);
  return LATER;
}

const FIELD_ACTIONS: readonly unknown[] = [
  'accept',
  'drop',
  'abort',
  'change-name',
  'change-value',
  'change-both',
];

function callRule(
  rule: Extract<HeaderRule, (...parameters: never[]) => unknown>,
  { head, index }: FieldPlace,
  context: FieldContext,
): FieldAction | undefined {
  const header = Object.freeze({ name: head.name(index), value: head.value(index) });
  const name = `header policy for ${header.name}`;
  const made = ask(`rule ${index}`, name, () => rule(header, context.session), context);
  if (made === LATER) return undefined;
  if (isFieldAction(made)) return made;
  throw invalidResult(name, made, 'accept(), drop(), abort() or a change');
}

function isFieldAction(value: unknown): value is FieldAction {
  if (FIELD_ACTIONS.includes(actionOf(value))) return true;
  return isRegexpChange(value) && changeCure(value) === undefined;
}
