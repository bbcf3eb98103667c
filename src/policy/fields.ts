// Fields that several objects of a policy share, as schemas whose error texts are cures.

import { z } from 'zod';
import { IpAddress } from '../address/ip-address.ts';
import { SocketAddress } from '../address/socket-address.ts';
import type { Fault } from '../proxy/policy-fault.ts';
import { isDeclared, showValue } from '../proxy/policy-fault.ts';

/** Kinds of policy objects, as in their `kind` field and in messages. */
export type Kind =
  | 'zone'
  | 'listener'
  | 'interface-bind'
  | 'rule'
  | 'service'
  | 'deny-service'
  | 'pf-service'
  | 'program'
  | 'router'
  | 'chainer'
  | 'nat'
  | 'resolver'
  | 'matcher'
  | 'detector'
  | 'authentication'
  | 'authentication-provider'
  | 'certificate'
  | 'encryption'
  | 'policy';

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

/** The faults of a name. Names stand in session ids and log lines, so they are short and plain. */
export function nameFaults(name: unknown): readonly Fault[] {
  if (typeof name === 'string' && NAME.test(name)) return [];
  const cure =
    'a name is 1 to 64 letters, digits, "_", "." or "-", and begins with a letter or a digit';
  return [{ path: 'name', value: showValue(name), cure }];
}

/** A name that is safe to show, also where the policy gave something else. */
export function nameOf(name: unknown): string {
  return typeof name === 'string' ? name : showValue(name);
}

/** Text that a parser turns into a value; the parser's SyntaxError is the cure. */
export function parsed<Value>(
  parse: (text: string) => Value,
  expected: string,
): z.ZodType<Value, string> {
  return z.string({ error: expected }).transform((text, context) => {
    try {
      return parse(text);
    } catch (error) {
      const message = error instanceof Error ? error.message : expected;
      context.issues.push({ code: 'custom', message, input: text });
      return z.NEVER;
    }
  });
}

/** A policy object of one of these kinds. */
export function objectOf<Thing extends { readonly kind: string }>(
  kinds: readonly Kind[],
  cure: string,
): z.ZodType<Thing, Thing> {
  return z.custom<Thing>((value) => isKind(value, kinds), { error: cure });
}

/** Whether a value is a policy object of one of these kinds, as its function made it: a copy (`{ ...web }`) is not. */
export function isKind(value: unknown, kinds: readonly Kind[]): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    kinds.some((kind) => kind === value.kind) &&
    isDeclared(value)
  );
}

/** A list, or a function that gives it: for objects that refer to one another in a circle. */
export type Lazy<Value> = Value | (() => Value);

/** The value of a `Lazy`. What the function throws is the caller's to catch. */
export function force<Value extends object>(lazy: Lazy<Value>): Value {
  return typeof lazy === 'function' ? lazy() : lazy;
}

/** A function that gives a list; what it returns is checked by definePolicy, which calls it. */
export function functionOf<List>(): z.ZodType<() => List, () => List> {
  return z.custom<() => List>((value) => typeof value === 'function', {
    error: 'give a list, or a function that returns one',
  });
}

/** A socket address in text form. Connections with IPv4-mapped addresses are IPv4 here, so such a text names nothing. */
export const socketAddress = parsed(
  parseSocketAddress,
  'give an address and a port, such as "192.0.2.1:80" or "[2001:db8::1]:80"',
);

function parseSocketAddress(text: string): SocketAddress {
  const parsed = SocketAddress.parse(text);
  if (!parsed.address.isIpv4Mapped) return parsed;
  const plain = SocketAddress.of(parsed.address.unmapped(), parsed.port);
  throw new SyntaxError(
    `Cannot use socket address ${JSON.stringify(text)}: write it as IPv4: ${String(plain)}`,
  );
}

/** An IP address in text form, without a port. */
export const ipAddress = parsed(parseIpAddress, 'give an IP address, such as "192.0.2.1"');

function parseIpAddress(text: string): IpAddress {
  const address = IpAddress.parse(text);
  if (!address.isIpv4Mapped) return address;
  const plain = address.unmapped().toString();
  throw new SyntaxError(
    `Cannot use IP address ${JSON.stringify(text)}: write it as IPv4: ${plain}`,
  );
}

/** Whole milliseconds, more than none and at most a day. */
export const milliseconds = z
  .int({ error: 'give whole milliseconds, such as 30_000' })
  .min(1, { error: 'give at least 1 millisecond' })
  .max(86_400_000, { error: 'give at most 86400000 milliseconds: a day' });

/** One value or several. */
export function oneOrMore<Schema extends z.ZodType>(
  schema: Schema,
  cure: string,
): OneOrSeveral<Schema> {
  return valueOrList(schema, z.array(schema).min(1, { error: cure }), cure);
}

/** One value, several, or none: the empty list. */
export function anyNumberOf<Schema extends z.ZodType>(
  schema: Schema,
  cure: string,
): OneOrSeveral<Schema> {
  return valueOrList(schema, z.array(schema), cure);
}

type OneOrSeveral<Schema extends z.ZodType> = z.ZodType<
  readonly z.output<Schema>[],
  z.input<Schema> | readonly z.input<Schema>[]
>;

function valueOrList<Schema extends z.ZodType>(
  schema: Schema,
  list: z.ZodArray<Schema>,
  cure: string,
): OneOrSeveral<Schema> {
  return z
    .union([list, schema.transform((one) => [one])], {
      error: (issue) => firstMessage(issue) ?? cure,
    })
    .transform((values): readonly z.output<Schema>[] => Object.freeze(values));
}

function firstMessage(issue: unknown): string | undefined {
  if (typeof issue !== 'object' || issue === null || !('errors' in issue)) return undefined;
  const { errors } = issue as { errors: readonly (readonly z.core.$ZodIssue[])[] };
  const custom = errors
    .flat()
    .find((inner) => inner.code === 'custom' || inner.code === 'too_small');
  return custom?.message;
}
