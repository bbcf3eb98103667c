// A matcher of IP addresses: whether a text is an address that certain host names have now.

import { z } from 'zod';
import { IpAddress } from '../address/ip-address.ts';
import type { LiveNames } from '../proxy/live-input.ts';
import { registerLiveInput } from '../proxy/live-input.ts';
import type { Matcher } from '../proxy/matcher.ts';
import { registerOptions } from '../proxy/option-owners.ts';
import { checkSettings } from '../proxy/policy-fault.ts';
import { oneOrMore } from './fields.ts';
import { declareMatcher } from './matcher.ts';
import { dnsServers, HOST_NAME_CURE, hostName } from './resolver.ts';

/** Options of `dnsMatcher`. */
export interface DnsMatcherOptions {
  /** Host names, whose IPv4 and IPv6 addresses count. */
  readonly hosts: string | readonly string[];
  /** DNS servers to ask, such as `'192.0.2.53'`. Default: those that this machine is set up with. */
  readonly servers?: string | readonly string[];
}

const schema = z.strictObject({
  hosts: oneOrMore(hostName, HOST_NAME_CURE),
  servers: dnsServers.optional(),
});
registerOptions('dnsMatcher', schema);

/**
 * Matches an IP address as text that one of these hosts has now; their names are followed as long as the policy runs.
 * What is no address does not match. As long as nobody can tell the addresses of one of the hosts, an address that the
 * others do not have is neither a match nor none: then the matcher throws, and what asked it is refused.
 * @example const mirrors = dnsMatcher({ hosts: ['mirror.example.org', 'mirror2.example.org'] });
 */
export function dnsMatcher(options: DnsMatcherOptions): Matcher {
  const { settings, faults } = checkSettings(schema, options, { hosts: ['invalid'] });
  const hosts = [...new Set(settings.hosts)];
  const names = new CurrentAddresses(hosts);
  registerLiveInput({
    kind: 'live-names',
    hosts,
    servers: settings.servers ?? [],
    update: (addresses) => names.update(addresses),
  });
  const made: Matcher = {
    kind: 'matcher',
    type: 'dns',
    matches: (text) => names.has(text),
    explain: () => `is an address of ${hosts.join(', ')}`,
  };
  return declareMatcher(made, dnsMatcher, faults);
}

/** The addresses of some hosts, as they were told last. */
class CurrentAddresses {
  readonly #hosts: readonly string[];
  #addresses: ReadonlySet<string> = new Set();
  /** A host whose addresses nobody can tell. */
  #untold: string | undefined;

  constructor(hosts: readonly string[]) {
    this.#hosts = hosts;
    [this.#untold] = hosts;
  }

  update(told: Parameters<LiveNames['update']>[0]): void {
    this.#addresses = new Set([...told.values()].flatMap((addresses) => addresses.map(String)));
    this.#untold = this.#hosts.find((host) => !told.has(host));
  }

  has(text: string): boolean {
    const address = IpAddress.tryParse(text)?.unmapped();
    if (address === undefined) return false;
    if (this.#addresses.has(String(address))) return true;
    if (this.#untold === undefined) return false;
    throw new Error(`the addresses of ${this.#untold} are not known at the moment`);
  }
}
