// What a policy may say about the bodies that services and programs look at, and how they are decoded for that.

import { z } from 'zod';
import type { Stackable } from '../../../proxy/engine.ts';
import type { ProxySession } from '../../../proxy/proxy-session.ts';
import { isStackable } from '../../../proxy/stackable.ts';
import type { HttpRequest, HttpResponse } from '../rules/http-request.ts';
import { checkMethodCase, methodOrStar, whole, yesOrNo } from '../option-schemas.ts';

/** Who looks at a body, and in which form: the body alone, or its header, an empty line and the body. */
export type BodyStack = 'none' | { readonly data: Stackable } | { readonly mime: Stackable };

/** What is done with bodies of requests of a method. A function, which may be async, chooses among what `stacks` names. */
export type RequestStackRule =
  BodyStack | ((request: HttpRequest, session: ProxySession) => BodyStack | PromiseLike<BodyStack>);

/** What is done with bodies of responses. A function, which may be async, chooses among what `stacks` names. */
export type ResponseStackRule =
  | BodyStack
  | ((
      response: HttpResponse,
      request: HttpRequest,
      session: ProxySession,
    ) => BodyStack | PromiseLike<BodyStack>);

/** Settings of `httpProxy` about bodies that are looked at. */
export interface StackOptions {
  /**
   * Who looks at the bodies of requests, by method or `*`: `{ data: scanner }`, `{ mime: scanner }` or `'none'`.
   * Default: nobody.
   */
  readonly requestStack?: Readonly<Record<string, RequestStackRule>>;
  /** Who looks at the bodies of responses, by the method of the request or `*`. Default: nobody. */
  readonly responseStack?: Readonly<Record<string, ResponseStackRule>>;
  /**
   * Whether they see bodies decoded (gzip, deflate, br, zstd): what goes on is what they give, without Content-Encoding, and
   * servers are asked for nothing that cannot be decoded. Default: true.
   */
  readonly decodeBodies?: boolean;
  /** What happens to bodies in other codings, or in several: refused, or seen as they are. Default: refuse. */
  readonly undecodableBodies?: 'refuse' | 'pass';
  /** Decoded bytes for each byte that came, once more than 262144 have come (decompression bomb). Default: 100. */
  readonly maxDecodedRatio?: number;
  /** Decoded bytes of a body; 0 is no limit. Default: 1073741824. */
  readonly maxDecodedBytes?: number;
}

/** Checked settings about bodies that are looked at; `stacks` has what functions of the policy may choose. */
export type StackSettings = Readonly<Required<StackOptions>> & {
  readonly stacks: readonly Stackable[];
};

/** Whether a value says who looks at a body. */
export function isBodyStack(value: unknown): value is BodyStack {
  if (value === 'none') return true;
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 1) return false;
  return isStackable('data' in value ? value.data : 'mime' in value ? value.mime : undefined);
}

function rule<Rule>(): z.ZodType<Rule, Rule> {
  return z.custom<Rule>((value) => typeof value === 'function' || isBodyStack(value), {
    error: "give { data: scanner }, { mime: scanner } or 'none', or a function that returns one",
  });
}

const method = methodOrStar('POST');

const TABLE = { error: 'give a table by method: { POST: { data: scanner } }' };

/** The part of the schema of `httpProxy` that is about bodies that are looked at. */
export const stackShape = {
  requestStack: z
    .record(method, rule<RequestStackRule>(), TABLE)
    .check(checkMethodCase)
    .default({}),
  responseStack: z
    .record(method, rule<ResponseStackRule>(), TABLE)
    .check(checkMethodCase)
    .default({}),
  decodeBodies: yesOrNo.default(true),
  undecodableBodies: z
    .enum(['refuse', 'pass'], { error: "give 'refuse' or 'pass'" })
    .default('refuse'),
  maxDecodedRatio: whole(1).default(100),
  maxDecodedBytes: whole(0).default(1_073_741_824),
};

/** Every service and program that may look at a body. */
export function bodyChildren(settings: StackSettings): readonly Stackable[] {
  const { requestStack, responseStack, stacks } = settings;
  const rules = [...Object.values(requestStack), ...Object.values(responseStack)];
  const named = rules.flatMap((one) => {
    if (typeof one === 'function' || one === 'none') return [];
    return 'data' in one ? [one.data] : [one.mime];
  });
  return [...new Set([...named, ...stacks])];
}

type AnyRules = Readonly<Record<string, RequestStackRule | ResponseStackRule>>;

/** What the settings do, in English; empty where nobody looks at bodies. */
export function explainBodyStacks({ requestStack, responseStack }: StackSettings): string {
  return explainRules('requests', requestStack) + explainRules('responses', responseStack);
}

function explainRules(what: string, rules: AnyRules): string {
  const lines = Object.entries(rules).map(
    ([method, one]) => `; bodies of ${what} (${method}) ${shown(one)}`,
  );
  return lines.join('');
}

function shown(one: RequestStackRule | ResponseStackRule): string {
  if (typeof one === 'function') return 'to what a function chooses';
  if (one === 'none') return 'to nobody';
  return 'data' in one ? `to ${one.data.name}` : `with their header to ${one.mime.name}`;
}
