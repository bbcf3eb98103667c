// An end of TLS that nobody has announced, as engines hear of it.

/**
 * The error of an end that came without the closing alert of TLS (RFC 8446, 6.1): somebody on the way may have cut the connection.
 * What came before it has been handed on.
 */
export const TRUNCATED = 'ETRUNCATED';

/** How a connection broke that ended with this error, as the ending of a reason code. */
export function lossOf(error: string): 'reset' | 'truncated' {
  return error === TRUNCATED ? 'truncated' : 'reset';
}
