// The check of the rules in the tables of httpProxy: for requests, responses and header fields.

import { z } from 'zod';
import { actionOf } from '../../../proxy/policy-action.ts';
import { answerCure, isAnswer } from './answer.ts';
import { changeCure, isRegexpChange } from './change-regexp.ts';
import { isHostName, isReserved, isSingleton, nameCure, valueCure } from './field-check.ts';
import type { HeaderRules } from './field-policy.ts';
import type { HeaderRule } from './header-action.ts';
import { checkMethodCase, isNameOrStar, methodOrStar } from '../option-schemas.ts';
import { refusalCure } from '../problem.ts';
import type { RequestRule, ResponseRule } from '../http-options.ts';

const HTTP_ACTIONS: readonly unknown[] = ['accept', 'reject', 'abort'];
const HTTP_ACTION_CURE =
  'give accept(), reject(), abort(), answer() or redirect(), or a function that returns one';
const FIELD_ACTIONS: readonly unknown[] = [
  ...['accept', 'drop', 'abort', 'insert', 'replace'],
  ...['change-name', 'change-value', 'change-both'],
];
const FIELD_ACTION_CURE =
  'give accept(), drop(), abort(), insert(), replace() or a change, or a function that returns one';
/** A request has exactly one Host, and what is left of it must still be one. */
const HOST_ACTIONS = ['accept', 'abort', 'change-value', 'change-regexp'];
const ONE_HOST =
  'for Host give accept(), abort(), changeValue() or changeRegexp(): a request has exactly one';
const ONE_FIELD =
  'give replace(), or let a function of request or response set it: a message has one field of this name';
const REPEATED = 'remove it: another spelling of this name has a rule, and case does not count';
const RESPONSE_CURE = "give a table by method and status: { GET: { '404': reject() } }";

function ruleOf<Rule>(): z.ZodType<Rule> {
  return z.custom<Rule>(
    (value) =>
      typeof value === 'function' ||
      (HTTP_ACTIONS.includes(actionOf(value)) && refusalCure(value) === undefined) ||
      (isAnswer(value) && answerCure(value) === undefined),
    {
      error: ({ input }) => {
        if (HTTP_ACTIONS.includes(actionOf(input))) return refusalCure(input);
        return (isAnswer(input) ? answerCure(input) : undefined) ?? HTTP_ACTION_CURE;
      },
    },
  );
}

const headerRule = z
  .custom<HeaderRule>(
    (value) =>
      typeof value === 'function' ||
      (FIELD_ACTIONS.includes(actionOf(value)) && refusalCure(value) === undefined) ||
      (isRegexpChange(value) && changeCure(value) === undefined),
    {
      error: ({ input }) =>
        (FIELD_ACTIONS.includes(actionOf(input)) ? refusalCure(input) : regexpCure(input)) ??
        FIELD_ACTION_CURE,
    },
  )
  .refine(hasSoundTexts, {
    error: 'give names that are tokens and values without control characters',
    abort: true,
  });

const method = methodOrStar('GET');
const status = z.string().regex(/^(?:[1-5][0-9]{0,2}|\*)$/, {
  error: 'write a status such as 404, its beginning such as 40 or 4, or *',
});
const fieldName = z
  .string()
  .refine(isNameOrStar, {
    error:
      'write a header name, or * for all that have no rule of their own: names are no patterns',
  })
  .refine((name) => !isReserved(name), {
    error: 'remove it: the proxy writes this field itself or never passes it',
  });

/** The table `request`. */
export const requestRules = z
  .record(method, ruleOf<RequestRule>(), {
    error: 'give a table by method: { GET: accept() }',
  })
  .check(checkMethodCase)
  .refine(({ CONNECT: rule }) => !isAnswer(rule) || rule.status >= 300, {
    path: ['CONNECT'],
    error:
      'give a status of 300 to 599: after another one the client takes what comes for the tunnel',
  });

/** Whether a rule for CONNECT may let one pass, so that a service must take what is inside. */
export function needsService(rule: RequestRule | undefined): boolean {
  return rule !== undefined && (typeof rule === 'function' || rule.action === 'accept');
}

const methodBeforeStatus = method.regex(/[^0-9]/, {
  error: "write the method, or *, before the status: { '*': { '404': reject() } }",
});

/** The table `response`. */
export const responseRules = z
  .record(methodBeforeStatus, z.record(status, ruleOf<ResponseRule>(), { error: RESPONSE_CURE }), {
    error: RESPONSE_CURE,
  })
  .check(checkMethodCase);

/** The table `responseHeader`. */
export const responseFieldRules = fieldTable(() => undefined);

/** The table `requestHeader`. */
export const requestFieldRules = fieldTable(hostCure);

/** A table by field name; `moreCure` is what else may be wrong with a rule for a name. */
function fieldTable(
  moreCure: (name: string, rule: HeaderRule) => string | undefined,
): z.ZodType<HeaderRules, HeaderRules> {
  return z
    .record(fieldName, headerRule, { error: 'give a table by header name: { Server: drop() }' })
    .check(({ value, issues }) => {
      const names = new Set<string>();
      for (const [name, rule] of Object.entries(value)) {
        const message = names.has(name.toLowerCase()) ? REPEATED : addedCure(name, rule);
        const cure = message ?? moreCure(name, rule);
        names.add(name.toLowerCase());
        if (cure !== undefined)
          issues.push({ code: 'custom', path: [name], input: rule, message: cure });
      }
    });
}

/** A field that is added needs a name; `*` would add none, and `replace()` would discard all. */
function addedCure(name: string, rule: HeaderRule): string | undefined {
  if (typeof rule === 'function') return undefined;
  // Which of two counts would be the choice of whoever reads them, and of whoever sent the first.
  const isSecond = rule.action === 'insert' && isSingleton(name) && !isHostName(name);
  if (name !== '*') return isSecond ? ONE_FIELD : undefined;
  const isAdded = rule.action === 'insert' || rule.action === 'replace';
  return isAdded ? 'give insert() and replace() to the name of the field that they add' : undefined;
}

function regexpCure(value: unknown): string | undefined {
  return isRegexpChange(value) ? changeCure(value) : undefined;
}

/** Nobody need have checked the types of a policy before it is loaded. */
function hasSoundTexts(rule: HeaderRule): boolean {
  if (typeof rule === 'function') return true;
  const name: unknown = 'name' in rule ? rule.name : 'X-Name';
  if (typeof name !== 'string' || nameCure(name) !== undefined) return false;
  const value: unknown = 'value' in rule ? rule.value : undefined;
  return typeof value === 'string'
    ? valueCure(name, value) === undefined
    : typeof value === 'function' || !('value' in rule);
}

function hostCure(name: string, rule: HeaderRule): string | undefined {
  if (!isHostName(name)) return givesHost(rule) ? ONE_HOST : undefined;
  if (typeof rule === 'function' || !HOST_ACTIONS.includes(rule.action)) return ONE_HOST;
  if (rule.action !== 'change-value' || typeof rule.value !== 'string') return undefined;
  const cure = valueCure(name, rule.value);
  return cure && `give ${cure}`;
}

function givesHost(rule: HeaderRule): boolean {
  return typeof rule !== 'function' && 'name' in rule && isHostName(rule.name);
}
