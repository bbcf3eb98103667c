// A server that the protocol names, as addresses: the resolver of the service says who is asked and what of it counts.

import { canonicalHostName, isHostName } from '../address/host-name.ts';
import { IpAddress } from '../address/ip-address.ts';
import type { DnsResolver } from '../policy/resolver.ts';
import { chosenAddresses, familiesOf, lookUpInTable } from '../policy/resolver.ts';
import type { Service } from '../policy/service.ts';
import type { DnsAnswer, ResolveResult } from './outside.ts';
import type { Runtime } from './runtime.ts';

/**
 * Resolves a host name, or an address as text, for a service: the candidates in the order in which they are to be tried,
 * at least one. Calls back once, never before it has returned.
 */
export function resolveTarget(
  runtime: Runtime,
  { resolver }: Service,
  host: string,
  done: (result: ResolveResult) => void,
): void {
  if (resolver.type === 'hash') {
    const result = someOf(lookUpInTable(resolver, host));
    queueMicrotask(() => done(result));
    return;
  }
  const choose = (result: ResolveResult): void =>
    done(result.ok ? someOf(chosenAddresses(resolver, result.addresses)) : result);
  if (resolver.servers.length === 0)
    runtime.outside.resolver.resolve(host, resolver.timeoutMs, choose);
  else askServers(runtime, resolver, host, choose);
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
