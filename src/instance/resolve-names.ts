// The host names of a policy looked up once, for commands: the policy as a running instance would have it now.

import { SystemClock } from '../io/clock.ts';
import { NodeDnsClient } from '../io/dns-query.ts';
import type { Log } from '../log/log.ts';
import type { Policy } from '../policy/policy.ts';
import type { Revision } from '../session/connection.ts';
import { LiveRevision } from '../session/live-revision.ts';
import { NameWatch } from '../session/name-watch.ts';
import type { Clock, DnsClient } from '../session/outside.ts';

/** A policy with the addresses that its host names have now. */
export interface ResolvedPolicy {
  readonly policy: Policy;
  /** Host names, of zones and of matchers, that have no address. */
  readonly unresolved: readonly string[];
}

// People wait for a command for longer than clients for an instance that starts: time for many names that fail.
const RESOLVE_TIMEOUT_MS = 5_000;

const SILENT: Log = { line: () => undefined, record: () => undefined };

/** Looks up all host names of a policy, in bounded time; without host names it asks nobody. */
export async function resolveNames(
  loaded: Revision,
  clock: Clock = new SystemClock(),
  dns: DnsClient = new NodeDnsClient(clock),
): Promise<ResolvedPolicy> {
  const live = new LiveRevision(loaded);
  const watch = new NameWatch({ clock, dns, log: SILENT, changed: () => undefined });
  watch.follow(live.questions);
  await watch.answered(live.questions, RESOLVE_TIMEOUT_MS);
  live.refresh(watch);
  const resolved = { policy: live.policy, unresolved: live.unresolved(watch) };
  watch.follow([]);
  return resolved;
}
