// Three machines of a test, each with a network namespace of its own: a client and a server that know nothing of each
// other's network, and between them a firewall that forwards and on which a test runs Zorp.
import assert from 'node:assert/strict';
import type { LabOptions } from './system-lab.ts';
import { LAB_NEEDS, Lab } from './system-lab.ts';
import type { Owner } from './system-process.ts';

/** What `needs` must be told for a network lab. */
export const NETWORK_NEEDS = [...LAB_NEEDS, 'nft'] as const;

/** An address family of the lab. */
export type LabFamily = 'ipv4' | 'ipv6';

/** The addresses of the machines; the firewall has one in each network. */
export const ADDRESSES = {
  client: { ipv4: '10.91.0.2', ipv6: 'fd91::2' },
  inside: { ipv4: '10.91.0.1', ipv6: 'fd91::1' },
  outside: { ipv4: '10.92.0.1', ipv6: 'fd92::1' },
  server: { ipv4: '10.92.0.2', ipv6: 'fd92::2' },
} as const satisfies Record<string, Readonly<Record<LabFamily, string>>>;

/** The interfaces of the firewall: to the client, and to the server. */
export const INTERFACES = { inside: 'inside0', outside: 'outside0' } as const;

// Index of an interface of the firewall. The kernel tells at once that a cable is plugged in only where the two ends have
// different indices, and otherwise up to a second later.
const INDEX = { [INTERFACES.inside]: 101, [INTERFACES.outside]: 102 } as const;

/** The networks between the machines. */
export const NETWORKS = {
  client: { ipv4: '10.91.0.0/24', ipv6: 'fd91::/64' },
  server: { ipv4: '10.92.0.0/24', ipv6: 'fd92::/64' },
} as const;

/** Client - firewall - server. All of it ends with its owner, and at the latest with the test process. */
export class NetworkLab {
  readonly client: Lab;
  readonly firewall: Lab;
  readonly server: Lab;

  constructor(machines: { readonly client: Lab; readonly firewall: Lab; readonly server: Lab }) {
    this.client = machines.client;
    this.firewall = machines.firewall;
    this.server = machines.server;
  }

  /** Makes the machines and the network. The names of `hosts` are known to all three. */
  static async open(owner: Owner, hosts: LabOptions['hosts'] = {}): Promise<NetworkLab> {
    const firewall = await Lab.open(owner, { addresses: [], hosts });
    const others = { addresses: [], hosts, beside: firewall };
    const client = await Lab.open(owner, others);
    const server = await Lab.open(owner, others);
    for (const machine of [client, firewall, server]) await succeed(machine, [NO_DAD]);
    await succeed(firewall, [
      ...cable(INTERFACES.inside, client, ADDRESSES.inside),
      ...cable(INTERFACES.outside, server, ADDRESSES.outside),
      // An ordinary router: it forwards, and takes packets back on another way than it would send them.
      'echo 1 > /proc/sys/net/ipv4/ip_forward',
      'echo 1 > /proc/sys/net/ipv6/conf/all/forwarding',
      'echo 0 > /proc/sys/net/ipv4/conf/all/rp_filter',
    ]);
    await succeed(client, station(ADDRESSES.client, ADDRESSES.inside));
    await succeed(server, station(ADDRESSES.server, ADDRESSES.outside));
    return new NetworkLab({ client, firewall, server });
  }
}

/** An address with a port, as URLs and policies have it. */
export function endpoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

// Duplicate address detection keeps an interface from asking for its neighbours for the first second.
const NO_DAD = 'echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad';

type Both = Readonly<Record<LabFamily, string>>;

/** Commands on the firewall that join a machine to it. */
function cable(name: keyof typeof INDEX, other: Lab, own: Both): string[] {
  const peer = `peer name eth0 netns ${other.pid}`;
  return [`ip link add ${name} index ${INDEX[name]} type veth ${peer}`, ...up(name, own)];
}

/** Commands on a machine that has one way out. */
function station(own: Both, router: Both): string[] {
  const routes = Object.values(router).map((address) => `ip route add default via ${address}`);
  const untilPluggedIn = 'while ip link show eth0 | grep -q NO-CARRIER; do sleep 0.01; done';
  return [...up('eth0', own), ...routes, untilPluggedIn];
}

function up(name: string, own: Both): string[] {
  return [
    `ip addr add ${own.ipv4}/24 dev ${name}`,
    `ip addr add ${own.ipv6}/64 dev ${name} nodad`,
    `ip link set ${name} up`,
  ];
}

/** Runs a script on a machine. @throws an assertion with what it said, if one of its commands fails. */
export async function succeed(lab: Lab, script: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await lab.run(['sh', '-ec', script.join('\n')]);
  assert.equal(status, 0, `${script.join('\n')}\n${stdout}${stderr}`);
  return stdout;
}
