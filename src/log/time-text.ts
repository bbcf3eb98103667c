// Times as logs and records have them.

/**
 * Writes times, milliseconds since 1970, as RFC 3339 has them, in UTC. Many things happen in one second, and its text is
 * dear to make.
 */
export function timeWriter(): (milliseconds: number) => string {
  let lastSecond = NaN;
  let start = '';
  return (milliseconds) => {
    const second = Math.floor(milliseconds / 1000);
    if (second !== lastSecond) {
      lastSecond = second;
      start = secondText(second);
    }
    return `${start}${String(milliseconds - second * 1000).padStart(3, '0')}Z`;
  };
}

/** What all times in a second since 1970 begin with, up to their milliseconds: `2026-01-02T03:04:05.` */
export function secondText(second: number): string {
  return new Date(second * 1000).toISOString().slice(0, -'000Z'.length);
}
