// Requests of whois (RFC 3912): a line of text that only the server understands.

import { Violation } from '../../proxy/violation.ts';
import type { WhoisRequest } from './settings.ts';

/** Bytes of one line: a CR in the middle of it would be another line for some servers, the rest could steer a terminal. */
const LINE = /^[\x20-\x7e\x80-\xff]*$/;

/** Takes the line of a client as it is, but for control characters: the original let them pass, we do not. */
export function readRequest(line: string): WhoisRequest {
  if (!LINE.test(line))
    throw new Violation(
      'whois.control-character',
      'client',
      'There is a control character in the request',
    );
  return Object.freeze({ query: line });
}

/** Whether this is a request that can be written as one line. */
export function isRequest(value: unknown): value is WhoisRequest {
  return (
    typeof value === 'object' &&
    value !== null &&
    'query' in value &&
    typeof value.query === 'string' &&
    LINE.test(value.query)
  );
}
