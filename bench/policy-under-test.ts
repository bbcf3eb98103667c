// The policy of the row `http-policy`, in words that every contender has: GET only; no host that is, or is below, one of
// 10,000 domains; four header fields must look as those of a browser; one field is dropped, one is added.

import { writeFileSync } from 'node:fs';

/** How many domains the list has. */
export const BLOCKED_COUNT = 10_000;

/** One of them, and a host below it that must be refused as well. */
export const BLOCKED_DOMAIN = 'site-7777.blocked.example';

/** The domains that are blocked. */
export function blockedDomains(): readonly string[] {
  return Array.from({ length: BLOCKED_COUNT }, (_, index) => `site-${index}.blocked.example`);
}

/** Writes them down, one a line. */
export function writeBlockedDomains(path: string): void {
  writeFileSync(path, `${blockedDomains().join('\n')}\n`);
}

/** What must be in four fields of a request. */
export const REQUIRED = {
  userAgent: 'Mozilla/5.0',
  accept: '*/*',
  acceptLanguage: 'en',
  cookie: 'session=',
} as const;
