// At which ports an instance listens. Whether a server is one of its own listeners is asked for each connection, and the
// port alone says no to nearly all.

import type { Listener } from './make-listener.ts';

/** The ports at which the listeners of each instance listen, whatever their addresses. */
export function listenedPorts(
  instances: ReadonlyMap<string, readonly Listener[]>,
): ReadonlyMap<string, ReadonlySet<number>> {
  return new Map(
    [...instances].map(([name, listeners]) => [name, new Set(listeners.flatMap(portsOf))]),
  );
}

function portsOf({ binds, follows }: Listener): readonly number[] {
  return [...binds, ...follows].map(({ port }) => port);
}
