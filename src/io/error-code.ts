// The code of an error of the operating system: all that anything above io/ is told of one.

/** The code of an error, such as 'ECONNRESET'; 'EUNKNOWN' for one that has none. */
export function errorCode(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error) {
    if (typeof error.code === 'string' && error.code !== '') return error.code;
  }
  return 'EUNKNOWN';
}
