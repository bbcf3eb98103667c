// Numbers as the textual forms of this folder write them: one canonical spelling each, so that no two
// programs can read the same text differently.

const DECIMAL = /^(?:0|[1-9][0-9]{0,8})$/; // nine digits hold every port, prefix and byte, and are exact in a number

/**
 * Reads a canonical decimal number from 0 to `max` (at most 999,999,999): ASCII digits only, no
 * sign, no space, no leading zero. Anything else is `undefined`.
 */
export function parseDecimal(text: string, max: number): number | undefined {
  if (!DECIMAL.test(text)) return undefined;
  const value = Number(text);
  return value <= max ? value : undefined;
}
