// parentProxy: requests go on to a further HTTP proxy, which connects to the servers. Who that is may depend on the request.

import { Buffer } from 'node:buffer';
import { z } from 'zod';
import type { Bytes, Target } from '../../proxy/engine.ts';
import type { AnyMatcher } from '../../proxy/matcher.ts';
import { askMatcher, explainMatcher, hostMatcher } from '../../proxy/matcher.ts';
import { callPolicy, disregard, isPromise } from '../../proxy/policy-call.ts';
import type { CheckedSettings } from '../../proxy/policy-fault.ts';
import { checkSettings } from '../../proxy/policy-fault.ts';
import type { ProxySession } from '../../proxy/proxy-session.ts';
import { PolicyFault } from '../../proxy/violation.ts';
import { canonicalGivenHost, writeAuthority } from './urls/authority.ts';
import { bytesOf } from './heads/byte-text.ts';
import type { HttpRequest } from './rules/http-request.ts';
import type { Problem } from './problem.ts';
import { policyProblem, Refused } from './problem.ts';

/** A further proxy. */
export interface ParentProxy {
  /** Its name or address. */
  readonly host: string;
  /** Default: 3128, that of Squid. */
  readonly port?: number;
  /** Who this proxy is to that one: Basic (RFC 7617). Default: nobody in particular. */
  readonly credentials?: { readonly user: string; readonly password: string };
  /** Hosts that are asked for directly, by name or address as in the URL. Default: none. */
  readonly except?: AnyMatcher;
}

/** Chooses the further proxy of a request; undefined: none. Answers at once. */
export type ParentChoice = (request: HttpRequest, session: ProxySession) => ParentProxy | undefined;

/** A further proxy, as requests need it. */
export interface Parent {
  readonly target: Target;
  /** The field with the credentials and its line end; empty without. */
  readonly authorization: string;
}

/** What is known of a request that is to be sent. */
export interface SendableRequest {
  readonly request: { readonly url: { readonly host: string } };
  /** The request as functions of the policy see it. */
  policyRequest(): HttpRequest;
}

/** What `parentProxy` says, compiled. */
export interface ParentPlan {
  /** The further proxy of a request. */
  choose(exchange: SendableRequest, session: ProxySession): Parent | undefined;
  explain(): string;
}

const HOST_CURE = 'give its name or address, such as "proxy.example.org"';
const PORT_CURE = 'give its port, 1 to 65535';
const USER_CURE = 'give a user without colon and control characters (RFC 7617)';

const proxySchema = z.strictObject({
  host: z
    .string({ error: HOST_CURE })
    .refine((host) => canonicalGivenHost(host) !== undefined, { error: HOST_CURE }),
  port: z
    .int({ error: PORT_CURE })
    .min(1, { error: PORT_CURE })
    .max(65_535, { error: PORT_CURE })
    .default(3128),
  credentials: z
    .strictObject({
      user: z.string({ error: USER_CURE }).regex(/^[^:\p{Cc}]+$/u, { error: USER_CURE }),
      password: z
        .string({ error: 'give a text' })
        .regex(/^\P{Cc}*$/u, { error: 'give a password without control characters' }),
    })
    .optional(),
  except: hostMatcher.optional(),
});

/** The field of the settings. */
export const parentProxySchema = z.union(
  [proxySchema, z.custom<ParentChoice>((value) => typeof value === 'function')],
  {
    error:
      'give the proxy as an object, such as { host: "proxy.example.org", port: 3128 }, or a function that chooses one',
  },
);

/** The checked field. */
export type CheckedParentProxy = z.output<typeof parentProxySchema>;

/** Compiles the field. */
export function parentPlan(checked: CheckedParentProxy): ParentPlan {
  return typeof checked === 'function' ? chosenPlan(checked) : fixedPlan(checked);
}

function fixedPlan(checked: z.output<typeof proxySchema>): ParentPlan {
  const parent = compiled(checked);
  const { except } = checked;
  const { host, port } = parent.target;
  const others = except === undefined ? '' : `, unless the host ${explainMatcher(except)}`;
  return {
    choose: ({ request }) => (isExcepted(except, request.url.host) ? undefined : parent),
    explain: () => `through the proxy ${writeAuthority(host, port)}${others}`,
  };
}

function chosenPlan(choice: ParentChoice): ParentPlan {
  return {
    choose: (exchange, session) => {
      const answer: unknown = callPolicy(POLICY, () => choice(exchange.policyRequest(), session));
      if (answer === undefined) return undefined;
      if (isPromise(answer)) disregard(answer);
      const { settings, faults } = checkedProxy(answer);
      if (faults.length > 0) throw new PolicyFault('policy.invalid-result', NO_PROXY);
      return isExcepted(settings.except, exchange.request.url.host)
        ? undefined
        : compiled(settings);
    },
    explain: () => 'through proxies that a function chooses',
  };
}

const POLICY = 'parentProxy';
/** Without what was returned: it may have a password in it, and this stands in the log. */
const NO_PROXY = `The ${POLICY} function returned no proxy: return one such as { host, port }, or undefined`;
const FALLBACK = { host: '0.0.0.0' };

function checkedProxy(answer: unknown): CheckedSettings<z.output<typeof proxySchema>> {
  if (typeof answer !== 'object' || answer === null)
    throw new PolicyFault('policy.invalid-result', NO_PROXY);
  try {
    return checkSettings(proxySchema, answer, FALLBACK);
  } catch {
    throw new PolicyFault('policy.invalid-result', NO_PROXY); // it throws when it is read
  }
}

function isExcepted(except: AnyMatcher | undefined, host: string): boolean {
  return except !== undefined && askMatcher('parentProxy (except)', except, host);
}

function compiled({ host, port, credentials }: z.output<typeof proxySchema>): Parent {
  const target = { host: canonicalGivenHost(host) ?? host, port };
  if (credentials === undefined) return { target, authorization: '' };
  const pair = Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64');
  return { target, authorization: `Proxy-Authorization: Basic ${pair}\r\n` };
}

/**
 * The further proxy of a request. Throws where what is meant for it, with its credentials, would go to a server that is none:
 * where the router leads, or to the one server that a proxy inside or beside another one has.
 */
export function parentOf(
  plan: ParentPlan,
  exchange: SendableRequest,
  session: ProxySession,
): Parent | undefined {
  const parent = plan.choose(exchange, session);
  const isChosenHere = session.targetAddressInband && !session.isStacked;
  if (parent !== undefined && !isChosenHere) throw new Refused(NOT_INBAND);
  return parent;
}

const NOT_INBAND = policyProblem(
  'http.parent-not-inband',
  'A parent proxy needs a router that lets the protocol choose the server, and a connection of its own',
);

/**
 * The field that tells a further proxy who asks: the user, where the policy lets its credentials go on in that field
 * (`forwarded` is its line), and else this proxy. Never both, because there is one such field.
 */
export function authorizationOf({ authorization }: Parent, forwarded: string | undefined): string {
  return forwarded?.startsWith('Proxy-Authorization:') === true ? forwarded : authorization;
}

/** The head of a CONNECT for a further proxy, with these fields, which are whole lines. */
export function parentConnect({ host, port }: Target, fields: string): Bytes {
  const target = writeAuthority(host, port);
  return bytesOf(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${fields}\r\n`);
}

const PROXY_AUTHENTICATION_REQUIRED = 407;

/** The further proxy does not take us for who it knows: that is our affair, and no client could cure it. */
const PARENT_DENIES: Problem = {
  kind: 'connect',
  status: 502,
  code: 'http.parent-authentication',
  message: 'The parent proxy does not accept the credentials of this one',
  verdict: 'denied-by-connection-fail',
};

/** Throws what tells the client of an answer by which the further proxy asks who we are. */
export function checkParentAnswer(status: number): void {
  if (status === PROXY_AUTHENTICATION_REQUIRED) throw new Refused(PARENT_DENIES);
}
