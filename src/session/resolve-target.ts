// A server that the protocol names, as addresses: the resolver of the service says who is asked and what of it counts.

import { canonicalHostName, isHostName } from '../address/host-name.ts';
import { IpAddress } from '../address/ip-address.ts';
import type { DnsResolver } from '../policy/resolver.ts';
import {
  chosenAddresses,
  familiesOf,
  fittingAddresses,
  lookUpInTable,
} from '../policy/resolver.ts';
import type { Service } from '../policy/service.ts';
import type { DnsAnswer, ResolveResult } from './outside.ts';
import type { Runtime } from './runtime.ts';

/** What came of a target: the candidates in the order in which they are to be tried, at least one. */
export type TargetResult =
  | {
      readonly ok: true;
      readonly addresses: readonly IpAddress[];
      /** All addresses of the families that count, also those that are no candidates. */
      readonly answer: readonly IpAddress[];
    }
  | { readonly ok: false; readonly error: string };

/** Resolves a host name, or an address as text, for a service. Calls back once, never before it has returned. */
export function resolveTarget(
  runtime: Runtime,
  { resolver }: Service,
  host: string,
  done: (result: TargetResult) => void,
): void {
  if (resolver.type === 'hash') {
    const addresses = lookUpInTable(resolver, host);
    queueMicrotask(() => done(candidates(addresses, addresses)));
    return;
  }
  const choose = (result: ResolveResult): void => {
    if (!result.ok) {
      done(result);
      return;
    }
    const answer = fittingAddresses(resolver, result.addresses);
    done(candidates(chosenAddresses(resolver, answer), answer));
  };
  if (resolver.servers.length === 0)
    runtime.outside.resolver.resolve(host, resolver.timeoutMs, choose);
  else askServers(runtime, resolver, host, choose);
}

function candidates(addresses: readonly IpAddress[], answer: readonly IpAddress[]): TargetResult {
  return addresses.length > 0 ? { ok: true, addresses, answer } : { ok: false, error: 'ENODATA' };
}

function someOf(addresses: readonly IpAddress[]): ResolveResult {
  return addresses.length > 0 ? { ok: true, addresses } : { ok: false, error: 'ENODATA' };
}

/** An address is its own answer, and what is no strict host name is refused, just as by the system's resolver. */
function askServers(
  runtime: Runtime,
  resolver: DnsResolver,
  host: string,
  done: (result: ResolveResult) => void,
): void {
  const literal = IpAddress.tryParse(host)?.unmapped();
  if (literal !== undefined) {
    queueMicrotask(() => done({ ok: true, addresses: [literal] }));
    return;
  }
  if (!isHostName(host)) {
    queueMicrotask(() => done({ ok: false, error: 'EINVALIDNAME' }));
    return;
  }
  const families = familiesOf(resolver);
  const answers = new Map<string, DnsAnswer>();
  for (const family of families) {
    const question = { host: canonicalHostName(host), family, servers: resolver.servers };
    runtime.outside.dns.query(question, resolver.timeoutMs, (answer) => {
      answers.set(family, answer);
      if (answers.size < families.length) return;
      done(merged(families.flatMap((one) => answers.get(one) ?? [])));
    });
  }
}

/**
 * The answers for both families as one, IPv4 first: nothing sorts them by what this machine can reach, as the system's
 * resolver does (RFC 6724), and IPv4 works in more places. One family that has an address is enough.
 */
function merged(answers: readonly DnsAnswer[]): ResolveResult {
  const addresses = answers.flatMap((answer) => (answer.ok ? answer.addresses : []));
  const failed = answers.find((answer) => !answer.ok);
  if (addresses.length === 0 && failed !== undefined) return { ok: false, error: failed.error };
  return someOf(addresses);
}
