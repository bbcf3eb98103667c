// From a ruleset to what a commit of it would do on this machine, checked by the kernel. Nothing is changed.

import { carryCounters } from './carry-counters.ts';
import type { RoutingFamily } from './ip-program.ts';
import type { KernelFeature } from './kernel-features.ts';
import { missingFeature } from './kernel-features.ts';
import type { Machine, Tools } from './machine.ts';
import type { NftProgram, Transaction } from './nft-program.ts';
import { FAMILY } from './nft-program.ts';
import type { OwnedTable } from './owned-table.ts';
import { findOwnTables } from './owned-table.ts';
import { PacketFilterError } from './packet-filter-error.ts';
import type { RoutingChange, RoutingSettings } from './policy-routing.ts';

import { missingRouting, readRouting } from './policy-routing.ts';
import { hasIpv6, mayAdministerNetwork } from './proc-files.ts';
import type { RulesetIdentity } from './saved-state.ts';
import { sysctlHints } from './sysctl-hints.ts';
import { markerCommands } from './table-marker.ts';
import { usedInterfaces } from './used-interfaces.ts';

/** A ruleset that was generated from a policy. */
export interface Ruleset {
  readonly identity: RulesetIdentity;
  /** Commands of libnftables-json(5) that make the table and everything in it. */
  readonly commands: readonly object[];
  /** Whether it forwards packets past the proxies. */
  readonly forwards: boolean;
}

/** What a commit would do. */
export interface Preparation {
  readonly transaction: Transaction;
  /** Our tables that it replaces. */
  readonly replaced: readonly OwnedTable[];
  /** What the policy routing lacks. */
  readonly routing: readonly RoutingChange[];
  /** What is likely a mistake, one sentence each. */
  readonly warnings: readonly string[];
}

/** The first of the series that is still developed; tests run with 1.0.6. */
const MIN_VERSION = '1.0.0';

/** Checks everything. @throws PacketFilterError for the first thing that is in the way. */
export async function prepareCommit(
  machine: Machine,
  tools: Tools,
  ruleset: Ruleset,
): Promise<Preparation> {
  await checkNft(machine, tools.nft);
  const { table } = ruleset.identity;
  const committed = tools.store.read()?.commit ?? undefined;
  const replaced = await findOwnTables(tools.nft, [table, committed?.table]);
  const families = routingFamilies(machine);
  const links = await tools.ip.links();
  if (!links.some(({ name, isUp }) => name === 'lo' && isUp))
    throw new PacketFilterError(
      'routing.no-loopback',
      'The interface lo is down, and connections are brought to proxies by it: run "ip link set lo up"',
    );
  const routing = await missingNow(tools, families, ruleset.identity);
  const transaction = transactionOf(ruleset, replaced);
  await checkByKernel(tools.nft, transaction, ruleset.commands);
  const names = new Set(links.map(({ name }) => name));
  const warnings = [
    ...usedInterfaces(ruleset.commands)
      .filter((name) => !names.has(name))
      .map((name) => `There is no interface ${name} now: its rules wait for one of that name`),
    ...(families.includes('IPv6')
      ? []
      : ['This machine has no IPv6 on lo: only IPv4 is brought to proxies']),
    ...sysctlHints(machine.readProc, { forwards: ruleset.forwards, families }),
  ];
  return { transaction, replaced, routing, warnings };
}

/** What the policy routing lacks for a ruleset. */
export async function missingNow(
  { ip }: Tools,
  families: readonly RoutingFamily[],
  settings: RoutingSettings,
): Promise<readonly RoutingChange[]> {
  return missingRouting(await readRouting(ip, families, settings.routingTable), settings);
}

/** The families that this machine can route. */
export function routingFamilies({ readProc }: Machine): readonly RoutingFamily[] {
  return hasIpv6(readProc) ? ['IPv4', 'IPv6'] : ['IPv4'];
}

/** Whether nft is there and may be used. */
export async function checkNft(machine: Machine, nft: NftProgram): Promise<void> {
  const version = await nft.version();
  if (version.localeCompare(MIN_VERSION, 'en', { numeric: true }) < 0)
    throw new PacketFilterError(
      'nft.old',
      `The program nft has version ${version}: install nftables ${MIN_VERSION} or later`,
    );
  if (!mayAdministerNetwork(machine.readProc))
    throw new PacketFilterError(
      'nft.not-permitted',
      'The packet filter needs the capability CAP_NET_ADMIN: run this as root, or with "setpriv --inh-caps +net_admin --ambient-caps +net_admin"',
    );
}

/** All or nothing: our tables go, by the kernel's number so that nobody else's can, and the new one comes. */
function transactionOf(ruleset: Ruleset, replaced: readonly OwnedTable[]): Transaction {
  const { table, revision } = ruleset.identity;
  const commands = [
    ...replaced.map(({ handle }) => ({ delete: { table: { family: FAMILY, handle } } })),
    { create: { table: { family: FAMILY, name: table } } },
    ...carryCounters(ruleset.commands, replaced),
    ...markerCommands(table, revision),
  ];
  return { kind: 'json', commands };
}

async function checkByKernel(
  nft: NftProgram,
  transaction: Transaction,
  commands: readonly object[],
): Promise<void> {
  const result = await nft.check(transaction);
  if (result.ok) return;
  const missing = await missingFeature(nft, commands);
  if (missing !== undefined) throw lacking(missing);
  throw new PacketFilterError(
    'nft.refused',
    `The kernel refuses the packet filter: ${result.complaint}`,
  );
}

function lacking({ name, module, option }: KernelFeature): PacketFilterError {
  return new PacketFilterError(
    'kernel.missing',
    `The kernel cannot do "${name}": load its module with "modprobe ${module}", or run a kernel with ${option}`,
  );
}
