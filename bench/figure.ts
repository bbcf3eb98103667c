// How figures are written.

/** A figure with as many digits as it deserves. */
export function figure(value: number): string {
  return value >= 99.5 ? Math.round(value).toLocaleString('en') : value.toPrecision(2);
}
