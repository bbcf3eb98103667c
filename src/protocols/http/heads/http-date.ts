// The Date field, for answers that have none (RFC 9110, 6.6.1): it says when a message was made, and whoever forwards one
// without it adds when it came. Caches count from there.

import type { WallClock } from '../../../proxy/engine.ts';

let lastSecond = NaN;
let lastText = '';

/** What time it is, as fields of HTTP write it: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, 5.6.7). Empty without a clock. */
export function httpDate(clock: WallClock | undefined): string {
  if (clock === undefined) return '';
  const second = Math.floor(clock.now() / 1000);
  if (second !== lastSecond) {
    lastSecond = second;
    // eslint-disable-next-line no-restricted-globals -- the text of a given time: no clock is read
    lastText = new Date(second * 1000).toUTCString();
  }
  return lastText;
}

/** The Date field as a whole line; none without a clock. */
export function dateField(clock: WallClock | undefined): string {
  return clock === undefined ? '' : `Date: ${httpDate(clock)}\r\n`;
}
