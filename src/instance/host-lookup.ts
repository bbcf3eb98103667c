// One name to its addresses, for commands: as a running instance would look it up.

import { SystemClock } from '../io/clock.ts';
import { SystemNameResolver } from '../io/name-resolver.ts';
import type { NameResolver, ResolveResult } from '../session/outside.ts';

export type { ResolveResult } from '../session/outside.ts';

/** Looks a host up with the system's resolver; an address is its own answer. */
export function lookUpHost(
  host: string,
  timeoutMs: number,
  resolver: NameResolver = new SystemNameResolver(new SystemClock()),
): Promise<ResolveResult> {
  return new Promise((resolve) => resolver.resolve(host, timeoutMs, resolve));
}
