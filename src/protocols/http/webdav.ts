// The methods of WebDAV, ready to be spread into the table `request`.

import { accept } from '../../proxy/policy-action.ts';
import type { RequestRule } from './http-options.ts';

// The original's set of RFC 4918, and the three without which no client of WebDAV gets far.
const METHODS = [
  ...['PROPFIND', 'PROPPATCH', 'MKCOL', 'COPY', 'MOVE', 'LOCK', 'UNLOCK'],
  ...['OPTIONS', 'PUT', 'DELETE'],
] as const;

/**
 * A rule for each method that WebDAV adds (RFC 4918): PROPFIND, PROPPATCH, MKCOL, COPY, MOVE, LOCK, UNLOCK, and OPTIONS,
 * PUT and DELETE. By default they pass.
 * @example request: { GET: accept(), HEAD: accept(), POST: accept(), ...webdavMethods() }
 */
export function webdavMethods(rule: RequestRule = accept()): Readonly<Record<string, RequestRule>> {
  return Object.freeze(Object.fromEntries(METHODS.map((method) => [method, rule])));
}
