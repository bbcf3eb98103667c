// A firewall with three interfaces whose cables end in a machine that sends whatever packets a test wants, and the counters
// of the firewall: for each packet those that it was counted by.
import { IpAddress } from '../../src/address/ip-address.ts';
import { parseListing } from '../../src/packet-filter/nft-listing.ts';
import type { IncomingInterface } from '../../src/policy/packet.ts';
import { LAB_NEEDS, Lab } from './system-lab.ts';
import { succeed } from './network-lab.ts';
import type { RawPacket } from './raw-packet.ts';
import { rawPacket } from './raw-packet.ts';
import type { Owner, SystemProcess } from './system-process.ts';
import { until } from './system-wait.ts';

/** What `needs` must be told for a packet lab. */
export const PACKET_LAB_NEEDS = [...LAB_NEEDS, 'nft', 'conntrack'] as const;

/** The interfaces of the firewall. */
export const PACKET_INTERFACES: readonly IncomingInterface[] = [
  { name: 'eth0', group: 0, addresses: addresses('10.0.0.1', '2001:db8::1') },
  { name: 'eth1', group: 1, addresses: addresses('10.0.1.2', '2001:db8::2') },
  { name: 'ppp0', group: 2, addresses: addresses('10.0.0.3', '10.0.1.0') },
];

function addresses(...texts: readonly string[]): readonly IpAddress[] {
  return texts.map((text) => IpAddress.parse(text));
}

/** A packet, and the interface of the firewall to which it is sent. */
export interface SentPacket extends RawPacket {
  readonly incoming: IncomingInterface;
}

/** How many packets are sent before the counters are read. */
export const BATCH = 12;

// Packet i of a batch is so long, and 2^i more: how many packets and bytes a counter has tells which packets they were.
const LEAST_BYTES = 128;
const MTU = LEAST_BYTES + 2 ** BATCH;
const LOAD_MS = 300_000; // of 10,000 rules, on a busy machine
const MAC = '020000000001';
const ETHER_TYPES = { ipv4: '0800', ipv6: '86dd' } as const;
const SENDER_MAIN = `${import.meta.dirname}/packet-sender-main.ts`;

// Counters of the lab itself, before all of Zorp and behind all of it that comes before routing. By lo come the answers
// to packets whose spoofed source is the firewall.
const WITNESS = `table inet witness {
  counter arrived { }
  counter invalid { }
  counter passed { }
  chain first { type filter hook prerouting priority -160; iifname "lo" return; counter name arrived; ct state invalid counter name invalid; }
  chain last { type filter hook prerouting priority -80; iifname "lo" return; counter name passed; }
}`;

/** The firewall and the machine that sends to it. */
export class PacketLab {
  readonly firewall: Lab;
  readonly #sender: SystemProcess;
  #batches = 0;

  constructor(firewall: Lab, sender: SystemProcess) {
    this.firewall = firewall;
    this.#sender = sender;
  }

  /** Makes both; they end with their owner. */
  static async open(owner: Owner): Promise<PacketLab> {
    const firewall = await Lab.open(owner, { addresses: [] });
    const far = await Lab.open(owner, { addresses: [], beside: firewall });
    // It says nothing by itself.
    await succeed(far, ['echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6']);
    await succeed(firewall, [
      ...PACKET_INTERFACES.flatMap((one, index) => cable(one, index, far)),
      'echo 0 > /proc/sys/net/netfilter/nf_conntrack_checksum', // SCTP has none that is right
    ]);
    const sender = far.start([process.execPath, SENDER_MAIN]);
    await sender.says(/^ready$/m);
    return new PacketLab(firewall, sender);
  }

  /** Puts a ruleset into the kernel, and nothing else. */
  async load(commands: readonly object[]): Promise<void> {
    const file = this.firewall.write('ruleset.json', JSON.stringify({ nftables: commands }));
    const witness = this.firewall.write('witness.nft', WITNESS);
    const script = `nft flush ruleset; nft -j -f ${file} && nft -f ${witness}`;
    const { status, stderr } = await this.firewall.start(['sh', '-c', script]).end(LOAD_MS);
    if (status !== 0) throw new Error(`nft ended with ${status}: ${stderr}`);
  }

  /** Sends at most BATCH packets, each as the first of a connection. @returns the names of the counters of each. */
  async send(packets: readonly SentPacket[]): Promise<readonly (readonly string[])[]> {
    await succeed(this.firewall, ['conntrack -F 2>/dev/null', 'nft reset counters >/dev/null']);
    const lines = packets.map(frameOf);
    this.#batches++;
    const done = `done ${this.#batches}`;
    this.#sender.tell(`${[...lines, done].join('\n')}\n`);
    await until(
      'the packets to be sent',
      () => this.#sender.stdout.includes(`${done}\n`) || undefined,
      { seen: () => this.#sender.stderr },
    );
    const counted = packets.map((): string[] => []);
    const text = await succeed(this.firewall, ['nft -j list counters']);
    for (const { name, packets: count, bytes } of parseListing(text).counters)
      for (const index of decode(bytes - count * LEAST_BYTES)) counted[index]?.push(name);
    return counted;
  }

  /** Gives packets to the machine that sends, for `timeUs`. */
  keep(packets: readonly SentPacket[]): void {
    for (const packet of packets) this.#sender.tell(`keep ${frameOf(packet, 0)}\n`);
  }

  /** Sends so many of the kept packets, in turn. @returns microseconds for one, the firewall's work included. */
  async timeUs(count: number): Promise<number> {
    const before = this.#sender.stdout.length;
    this.#sender.tell(`run ${count}\n`);
    const answer = await until(
      'the packets to be sent',
      () => /^run \d+ ([\d.]+)$/m.exec(this.#sender.stdout.slice(before))?.[1],
      { seen: () => this.#sender.stderr, deadlineMs: 60_000 },
    );
    return Number(answer) / count;
  }
}

function frameOf(packet: SentPacket, index: number): string {
  const { incoming, client } = packet;
  const type = ETHER_TYPES[client.address.family];
  const bytes = rawPacket(packet, LEAST_BYTES + 2 ** index);
  return `${indexOf(incoming)} ${MAC}${MAC}${type}${bytes.toString('hex')}`;
}

/** The places of the bits of a number that are 1. */
function decode(sum: number): readonly number[] {
  return Array.from({ length: BATCH }, (_, bit) => bit).filter((bit) => (sum >> bit) % 2 === 1);
}

const FIRST_INDEX = 201;

function indexOf({ name }: IncomingInterface): number {
  return FIRST_INDEX + PACKET_INTERFACES.findIndex((one) => one.name === name);
}

function cable(one: IncomingInterface, index: number, far: Lab): readonly string[] {
  const { name, group, addresses: own } = one;
  const peer = `peer name far${index} index ${indexOf(one)} netns ${far.pid} mtu ${MTU}`;
  return [
    `ip link add ${name} index ${101 + index} address 02:00:00:00:00:01 mtu ${MTU} type veth ${peer}`,
    ...own.map((address) =>
      address.family === 'ipv4'
        ? `ip addr add ${String(address)}/32 dev ${name}`
        : `ip addr add ${String(address)}/128 dev ${name} nodad`,
    ),
    `ip link set ${name} group ${group}`,
    `ip link set ${name} up`,
    `nsenter -t ${far.pid} -n ip link set far${index} up`,
  ];
}
