// The check of the rules in the tables of httpProxy: for requests, responses and header fields.

import { z } from 'zod';
import { answerCure, isAnswer } from './answer.ts';
import { isToken } from './byte-text.ts';
import { changeCure, isRegexpChange } from './change-regexp.ts';
import { isHostName, isReserved, nameCure, valueCure } from './field-check.ts';
import type { HeaderRule } from './header-action.ts';
import { isErrorStatus } from './problem.ts';
import type { RequestRule, ResponseRule } from './http-options.ts';

const HTTP_ACTIONS = ['accept', 'reject', 'abort'];
const HTTP_ACTION_CURE =
  'give accept(), reject(), abort(), answer() or redirect(), or a function that returns one';
const FIELD_ACTIONS = [
  ...['accept', 'drop', 'abort', 'insert', 'replace'],
  ...['change-name', 'change-value', 'change-both'],
];
const FIELD_ACTION_CURE =
  'give accept(), drop(), abort(), insert(), replace() or a change, or a function that returns one';
/** A request has exactly one Host, and what is left of it must still be one. */
const HOST_ACTIONS = ['accept', 'abort', 'change-value', 'change-regexp'];

function isActionOf(value: unknown, actions: readonly string[]): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'action' in value &&
    typeof value.action === 'string' &&
    actions.includes(value.action)
  );
}

function ruleOf<Rule>(): z.ZodType<Rule> {
  return z.custom<Rule>(
    (value) =>
      typeof value === 'function' ||
      (isActionOf(value, HTTP_ACTIONS) && hasSoundStatus(value)) ||
      (isAnswer(value) && answerCure(value) === undefined),
    {
      error: ({ input }) => {
        if (isActionOf(input, HTTP_ACTIONS)) return 'give a status of 400 to 599';
        return (isAnswer(input) ? answerCure(input) : undefined) ?? HTTP_ACTION_CURE;
      },
    },
  );
}

/** That of a refusal, where it has one. */
function hasSoundStatus(value: unknown): boolean {
  const status =
    typeof value === 'object' && value !== null && 'status' in value ? value.status : undefined;
  return status === undefined || isErrorStatus(status);
}

const headerRule = z
  .custom<HeaderRule>(
    (value) =>
      typeof value === 'function' ||
      isActionOf(value, FIELD_ACTIONS) ||
      (isRegexpChange(value) && changeCure(value) === undefined),
    { error: ({ input }) => regexpCure(input) ?? FIELD_ACTION_CURE },
  )
  .refine(hasSoundTexts, {
    error: 'give names that are tokens and values without control characters',
  });

const method = z.string().refine((name) => name === '*' || isToken(name), {
  error: 'write a method as it is sent, such as GET, or *',
});
const status = z.string().regex(/^(?:[1-5][0-9]{0,2}|\*)$/, {
  error: 'write a status such as 404, its beginning such as 40 or 4, or *',
});
const fieldName = z
  .string()
  .refine((name) => name === '*' || isToken(name), { error: 'write a header name, or *' })
  .refine((name) => !isReserved(name), {
    error: 'remove it: the proxy writes this field itself or never passes it',
  });

/** The table `request`. */
export const requestRules = z
  .record(method, ruleOf<RequestRule>())
  .refine(({ CONNECT: rule }) => !isAnswer(rule) || rule.status >= 300, {
    path: ['CONNECT'],
    error:
      'give a status of 300 to 599: after another one the client takes what comes for the tunnel',
  });

/** Whether a rule for CONNECT may let one pass, so that a service must take what is inside. */
export function needsService(rule: RequestRule | undefined): boolean {
  return rule !== undefined && (typeof rule === 'function' || rule.action === 'accept');
}

/** The table `response`. */
export const responseRules = z.record(method, z.record(status, ruleOf<ResponseRule>()));

/** The table `responseHeader`. */
export const responseFieldRules = z.record(fieldName, headerRule);

/** The table `requestHeader`. */
export const requestFieldRules = z
  .record(fieldName, headerRule)
  .refine(({ ...rules }) => Object.entries(rules).every(isSoundHostRule), {
    error:
      'for Host give accept(), abort(), changeValue() or changeRegexp(): a request has exactly one',
  });

function regexpCure(value: unknown): string | undefined {
  return isRegexpChange(value) ? changeCure(value) : undefined;
}

function hasSoundTexts(rule: HeaderRule): boolean {
  if (typeof rule === 'function') return true;
  const name = 'name' in rule ? rule.name : 'X-Name';
  const value = 'value' in rule && typeof rule.value === 'string' ? rule.value : '';
  return nameCure(name) === undefined && (value === '' || valueCure(name, value) === undefined);
}

function isSoundHostRule([name, rule]: [string, HeaderRule]): boolean {
  if (!isHostName(name)) return true;
  return typeof rule !== 'function' && HOST_ACTIONS.includes(rule.action);
}
