// How figures are written.

/** A figure with as many digits as it deserves. */
export function figure(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en');
  return value.toPrecision(value >= 100 ? 3 : 2);
}
