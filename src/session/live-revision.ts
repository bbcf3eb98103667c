// A loaded policy whose host names are followed: sessions keep it, and always find the addresses of now in its policy.

import type { IpAddress } from '../address/ip-address.ts';
import { refusedHostAddress } from '../policy/host-address.ts';
import type { DroppedAddress } from '../policy/host-zones.ts';
import type { Policy } from '../policy/policy.ts';
import { withHostAddresses } from '../policy/policy.ts';
import { familiesOf } from '../policy/resolver.ts';
import type { LiveNames } from '../proxy/live-input.ts';
import type { Revision } from './connection.ts';
import type { KnownNames } from './name-watch.ts';
import type { DnsQuestion } from './outside.ts';

/** Why an address counts for nothing in a zone; undefined if it counts. */
export type RefuseAddress = (address: IpAddress) => string | undefined;

/** A host name of a matcher or of a zone, and what has to be asked of it. */
interface FollowedHost {
  readonly host: string;
  readonly questions: readonly DnsQuestion[];
}

/** A loaded policy with the addresses that its host names have now. */
export class LiveRevision implements Revision {
  readonly revision: string;
  /** Everything that DNS must be asked for it. */
  readonly questions: readonly DnsQuestion[];
  readonly #refuse: RefuseAddress;
  readonly #zoneHosts: readonly FollowedHost[];
  readonly #inputs: readonly {
    readonly input: LiveNames;
    readonly hosts: readonly FollowedHost[];
  }[];
  #policy: Policy;
  #isRetired = false;
  #dropped: ReadonlySet<string> = new Set();

  /** `refuse` is for tests, which have loopback addresses only. */
  constructor({ policy, revision }: Revision, refuse: RefuseAddress = refusedHostAddress) {
    this.revision = revision;
    this.#policy = policy;
    this.#refuse = refuse;
    this.#zoneHosts = zoneHostsOf(policy);
    this.#inputs = policy.liveInputs.flatMap((input) =>
      input.kind === 'live-names' ? [{ input, hosts: matcherHostsOf(input) }] : [],
    );
    this.questions = this.#hosts().flatMap(({ questions }) => questions);
  }

  get policy(): Policy {
    return this.#policy;
  }

  get isRetired(): boolean {
    return this.#isRetired;
  }

  /** Another policy has come, or the instance ends. */
  retire(): void {
    this.#isRetired = true;
  }

  /** Takes over what is known now. @returns the addresses that are in no zone, but for those of the last time. */
  refresh(names: KnownNames): readonly DroppedAddress[] {
    for (const { input, hosts } of this.#inputs)
      input.update(
        new Map(hosts.filter(isToldBy(names)).map((one) => [one.host, found(one, names)])),
      );
    return this.#zoneHosts.length === 0 ? [] : this.#refreshZones(names);
  }

  /** The hosts without an address, each once. */
  unresolved(names: KnownNames): readonly string[] {
    const without = this.#hosts().filter((one) => found(one, names).length === 0);
    return [...new Set(without.map(({ host }) => host))];
  }

  #hosts(): readonly FollowedHost[] {
    return [...this.#zoneHosts, ...this.#inputs.flatMap(({ hosts }) => hosts)];
  }

  #refreshZones(names: KnownNames): readonly DroppedAddress[] {
    const dropped: DroppedAddress[] = [];
    const addresses = new Map<string, readonly IpAddress[]>();
    for (const one of this.#zoneHosts) {
      const accepted = found(one, names).filter((address) => {
        const because = this.#refuse(address);
        if (because !== undefined) dropped.push({ host: one.host, address, because });
        return because === undefined;
      });
      addresses.set(one.host, accepted);
    }
    this.#policy = withHostAddresses(this.#policy, addresses);
    dropped.push(...(this.#policy.hostZones?.dropped ?? []));
    const before = this.#dropped;
    this.#dropped = new Set(dropped.map(textOf));
    return dropped.filter((one) => !before.has(textOf(one)));
  }
}

function textOf({ host, address, because }: DroppedAddress): string {
  return `${host} ${String(address)} ${because}`;
}

function zoneHostsOf({ hostnames, zoneResolver }: Policy): readonly FollowedHost[] {
  if (zoneResolver.type !== 'dns') return []; // a table never changes
  const { servers } = zoneResolver;
  return [...hostnames.keys()].map((host) => ({
    host,
    questions: familiesOf(zoneResolver).map((family) => ({ host, family, servers })),
  }));
}

function matcherHostsOf({ hosts, servers }: LiveNames): readonly FollowedHost[] {
  return hosts.map((host) => ({
    host,
    questions: [
      { host, family: 'ipv4', servers },
      { host, family: 'ipv6', servers },
    ],
  }));
}

/** Whether somebody could tell the addresses of a host. One family will do: many servers fail to answer for IPv6. */
function isToldBy(names: KnownNames): (host: FollowedHost) => boolean {
  return ({ questions }) =>
    questions.some((question) => ['known', 'kept'].includes(names.stateOf(question)));
}

function found({ questions }: FollowedHost, names: KnownNames): readonly IpAddress[] {
  return questions.flatMap((question) => names.addressesOf(question));
}
