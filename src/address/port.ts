// Port numbers of TCP and UDP.

/** The least port that a connection can have: 0 is none. */
export const MIN_PORT = 1;

/** The greatest port. */
export const MAX_PORT = 65_535;

/** Whether this is a port that a connection can have. A policy may give anything. */
export function isPort(value: unknown): value is number {
  return (
    typeof value === 'number' && Number.isInteger(value) && value >= MIN_PORT && value <= MAX_PORT
  );
}
