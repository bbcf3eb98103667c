// The filter of URLs: black and white lists of whole URLs and of hosts, asked before anything else about a request.

import { z } from 'zod';
import type { AnyMatcher } from '../../../proxy/matcher.ts';
import { askMatcher, explainMatcher, matcherOver, showPlace } from '../../../proxy/matcher.ts';
import { writeAuthority } from '../urls/authority.ts';
import type { UrlParts } from '../urls/http-url.ts';
import { urlText } from '../urls/http-url.ts';
import { policyProblem, Refused } from '../problem.ts';

/** Lists of what may be asked for; at least one of them. What `permit` or `permitHosts` matches is never blocked. */
export interface UrlFilter {
  /** Refuses requests for URLs that this matches. It sees the URL in canonical form, such as `http://example.org/a?b`. */
  readonly block?: AnyMatcher;
  /** Refuses requests for hosts that this matches: a name in lower case, or an address without brackets. */
  readonly blockHosts?: AnyMatcher;
  /** Lets URLs pass that this matches. Where nothing is blocked by a list, whatever is not permitted is refused. */
  readonly permit?: AnyMatcher;
  /** Lets hosts pass that this matches. Where nothing is blocked by a list, whatever is not permitted is refused. */
  readonly permitHosts?: AnyMatcher;
}

function urlMatcher(instead: string): z.ZodType<AnyMatcher, AnyMatcher> {
  return matcherOver('URLs', `this matcher looks at hosts: write it as ${instead}`);
}

function hostMatcher(instead: string): z.ZodType<AnyMatcher, AnyMatcher> {
  return matcherOver('hosts', `this matcher looks at URLs: write it as ${instead}`);
}

/** A checked filter. */
export type CheckedUrlFilter = z.output<typeof urlFilterSchema>;

/** The schema of `urlFilter`. */
export const urlFilterSchema = z
  .strictObject(
    {
      block: urlMatcher('blockHosts').optional(),
      blockHosts: hostMatcher('block').optional(),
      permit: urlMatcher('permitHosts').optional(),
      permitHosts: hostMatcher('permit').optional(),
    },
    { error: 'give an object: { block: regexpMatcher({ match: ["..."] }) }' },
  )
  .refine((lists) => Object.values(lists).some((list) => list !== undefined), {
    error: 'give at least one of block, blockHosts, permit and permitHosts',
  });

/** The part of a request that counts. */
export interface AskedRequest {
  readonly method: string;
  readonly url: UrlParts;
}

/** Throws what refuses a request for a URL that may not be asked for. */
export function checkUrl(filter: CheckedUrlFilter, request: AskedRequest): void {
  const isAboutUrls = filter.permit !== undefined || filter.block !== undefined;
  const url = isAboutUrls ? askedUrl(request) : '';
  const { host } = request.url;
  if (isListed('URL filter (permit)', filter.permit, url)) return;
  if (isListed('URL filter (permitHosts)', filter.permitHosts, host)) return;
  const hasBlocks = filter.block !== undefined || filter.blockHosts !== undefined;
  if (!hasBlocks) throw refused('This address is not on the list of what is permitted');
  if (isListed('URL filter (block)', filter.block, url)) throw blocked(filter.block, url);
  if (isListed('URL filter (blockHosts)', filter.blockHosts, host))
    throw blocked(filter.blockHosts, host);
}

/** With the line of the list, so that whoever maintains it finds what to change. */
function blocked(matcher: AnyMatcher | undefined, text: string): Refused {
  const place = matcher === undefined ? undefined : showPlace(matcher, text);
  return refused(`This address is blocked${place === undefined ? '' : ` (${place})`}`);
}

/** The URL that lists are asked about. What is inside CONNECT cannot be seen; a browser asks for it to fetch by https. */
export function askedUrl({ method, url }: AskedRequest): string {
  if (method !== 'CONNECT') return urlText(url);
  return `https://${writeAuthority(url.host, url.port === 443 ? undefined : url.port)}/`;
}

function isListed(name: string, matcher: AnyMatcher | undefined, text: string): boolean {
  return matcher !== undefined && askMatcher(name, matcher, text);
}

function refused(message: string): Refused {
  return new Refused(policyProblem('http.url-blocked', message));
}

/** What a filter does, in English. */
export function explainUrlFilter(filter: CheckedUrlFilter): string {
  const { block, blockHosts, permit, permitHosts } = filter;
  const named = (what: string, matcher: AnyMatcher | undefined): string[] =>
    matcher === undefined ? [] : [`${what} ${explainMatcher(matcher)}`];
  const permits = [...named('a URL that', permit), ...named('a host that', permitHosts)].map(
    (text) => `${text} passes`,
  );
  const blocks = [...named('a URL that', block), ...named('a host that', blockHosts)].map(
    (text) => `${text} is refused`,
  );
  const rest = blocks.length === 0 ? ['all else is refused'] : blocks;
  return [...permits, ...rest].join(', ');
}
