// Times as logs and records have them.

/**
 * Writes times, milliseconds since 1970, as RFC 3339 has them, in UTC. Many things happen in one millisecond, and its
 * text is dear to make.
 */
export function timeWriter(): (milliseconds: number) => string {
  let last = NaN;
  let text = '';
  return (milliseconds) => {
    if (milliseconds !== last) {
      last = milliseconds;
      text = new Date(milliseconds).toISOString();
    }
    return text;
  };
}
