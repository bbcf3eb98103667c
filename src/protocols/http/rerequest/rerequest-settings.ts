// What a policy may say about requests that a dead server never answered.

import { z } from 'zod';
import { whole } from '../option-schemas.ts';

/** Settings of `httpProxy` about sending requests again. */
export interface RerequestOptions {
  /**
   * How often a request is sent at most, when connections end without a byte of an answer; each attempt is a connection
   * of its own. Default: 0, as 1: once, but a request without a body twice if its connection had been kept.
   */
  readonly rerequestAttempts?: number;
  /** Methods of requests that may be sent again. Default: GET, HEAD, OPTIONS, TRACE, PUT and DELETE (RFC 9110, 9.2.2). */
  readonly rerequestMethods?: readonly string[];
  /**
   * Bytes of a body, as it goes to the server, that are kept to be sent again; a request with a longer one is sent once.
   * Default: 65536.
   */
  readonly maxSpooledBytes?: number;
}

/** Checked settings about sending requests again. */
export interface RerequestSettings {
  readonly rerequestAttempts: number;
  readonly rerequestMethods: ReadonlySet<string>;
  readonly maxSpooledBytes: number;
}

// A server that dies so often does not work, and each attempt costs it and us a connection.
const MAX_ATTEMPTS = 10;

// It is memory that each request in work may take.
const MAX_SPOOLED_BYTES = 16_777_216;

// RFC 9110, 5.6.2: a method is a token.
const METHOD = /^[!#$%&'*+.^_`|~\w-]{1,64}$/;

// Sent twice they do what they do once.
const IDEMPOTENT: readonly string[] = ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'];

const method = z
  .string({ error: 'give the name of a method, such as PUT' })
  .regex(METHOD, { error: 'give the name of a method, such as PUT' })
  .refine((name) => name !== '*', {
    error: 'name each method: which ones do no harm twice is for you to say',
  })
  .refine((name) => name !== 'CONNECT', {
    error: 'remove it: a tunnel is not a request that can be sent again',
  });

/** The part of the schema of `httpProxy` that is about sending requests again. */
export const rerequestShape = {
  rerequestAttempts: whole(0, MAX_ATTEMPTS).default(0),
  rerequestMethods: z
    .array(method, { error: 'give a list of methods' })
    .readonly()
    .default(IDEMPOTENT)
    .transform((names): ReadonlySet<string> => new Set(names)),
  maxSpooledBytes: whole(0, MAX_SPOOLED_BYTES).default(65_536),
};
