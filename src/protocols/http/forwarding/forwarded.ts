// Forwarded (RFC 7239) and the X-Forwarded fields: whom a server may believe about the client. Whoever sends a request
// can write them, so by default what comes does not pass.

import { z } from 'zod';
import type { IpAddress } from '../../../address/ip-address.ts';
import type { ProxySession } from '../../../proxy/proxy-session.ts';
import { writeAuthority } from '../urls/authority.ts';
import { isToken } from '../heads/byte-text.ts';
import type { FieldRules, HeaderRules } from '../rules/field-policy.ts';
import { DROP_RECEIVED } from '../rules/field-policy.ts';
import { insert, replace } from '../rules/header-action.ts';
import type { HttpRequest } from '../rules/http-request.ts';
import type { HttpUrl } from '../urls/http-url.ts';
import { spellings } from './spellings.ts';

/** What becomes of the fields that tell a server of the client. */
export type ForwardedOption =
  | 'keep'
  | 'drop'
  | {
      /** What this proxy writes: `Forwarded`, or `X-Forwarded-For`, `-Host` and `-Proto`, or all of them. */
      readonly write: 'forwarded' | 'x-forwarded' | 'both';
      /**
       * What becomes of fields that come. `keep` is for clients that are proxies of ours: the address of each is added
       * to theirs. Default: drop.
       */
      readonly received?: 'keep' | 'drop' | undefined;
    };

/** The schema of `forwarded`. */
export const forwardedSchema = z.union(
  [
    z.enum(['keep', 'drop']),
    z.strictObject({
      write: z.enum(['forwarded', 'x-forwarded', 'both'], {
        error: "give 'forwarded', 'x-forwarded' or 'both'",
      }),
      received: z.enum(['keep', 'drop'], { error: "give 'keep' or 'drop'" }).optional(),
    }),
  ],
  { error: "give 'keep', 'drop' or { write: 'x-forwarded' }" },
);

/** Fields by which servers are told who the client is and what it asked for. */
const RECEIVED = [
  'Forwarded',
  'X-Forwarded-For',
  'X-Forwarded-Host',
  'X-Forwarded-Proto',
  'X-Forwarded-Port',
  'X-Forwarded-Server',
  'X-Real-IP',
] as const;

/** The rules that the option stands for. */
export function forwardedRules(option: ForwardedOption): HeaderRules {
  if (option === 'keep') return {};
  const names = RECEIVED.flatMap(spellings);
  const dropped = Object.fromEntries(names.map((name) => [name, DROP_RECEIVED]));
  if (option === 'drop') return dropped;
  const { write, received = 'drop' } = option;
  const keeps = received === 'keep';
  return {
    ...(keeps ? {} : dropped),
    ...(write === 'x-forwarded' ? {} : { Forwarded: keeps ? insert(element) : replace(element) }),
    ...(write === 'forwarded' ? {} : xForwarded(keeps)),
  };
}

/** The rules of the policy by names, and those of an option for the names that the policy has no rule for. */
export function withDefaults(own: HeaderRules, ...defaults: FieldRules[]): FieldRules {
  const names = new Set(Object.keys(own).map((name) => name.toLowerCase()));
  const others = defaults
    .flatMap((rules) => Object.entries(rules))
    .filter(([name]) => !names.has(name.toLowerCase()));
  return { ...Object.fromEntries(others), ...own };
}

/** Of proxies in a row only the first has seen what the client asked for. */
function xForwarded(keeps: boolean): HeaderRules {
  if (keeps) return { 'X-Forwarded-For': insert(clientText) };
  return {
    'X-Forwarded-For': replace(clientText),
    'X-Forwarded-Host': replace((_, request) => hostText(request.url)),
    'X-Forwarded-Proto': replace((_, request) => request.url.scheme),
  };
}

function clientText(session: ProxySession): string {
  return clientOf(session).toString();
}

/** One element of Forwarded. What is no token is quoted, and IPv6 stands in brackets (RFC 7239, 4 and 6). */
function element(session: ProxySession, { url }: HttpRequest): string {
  const client = writeAuthority(clientText(session), undefined);
  return `for=${quoted(client)};host=${quoted(hostText(url))};proto=${url.scheme}`;
}

function quoted(text: string): string {
  return isToken(text) ? text : `"${text}"`;
}

function hostText({ scheme, host, port }: HttpUrl): string {
  return writeAuthority(host, port === (scheme === 'https' ? 443 : 80) ? undefined : port);
}

function clientOf({ clientAddress }: ProxySession): IpAddress {
  return clientAddress.address.unmapped();
}
