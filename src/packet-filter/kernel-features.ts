// What a kernel must be able to do for a ruleset. Asked only where it refuses one: nft says "No such file or directory" for
// all that a kernel lacks.

import type { NftProgram } from './nft-program.ts';
import { FAMILY } from './nft-program.ts';

/** Something that a kernel may lack. */
export interface KernelFeature {
  /** As nft names it, and as the key that stands for it in JSON. */
  readonly name: string;
  /** The module that has it. */
  readonly module: string;
  /** The option of the kernel's configuration. */
  readonly option: string;
}

interface Probe extends KernelFeature {
  readonly chain: { readonly type: string; readonly hook: string; readonly prio: number };
  readonly expression: readonly object[];
}

const MANGLE = { type: 'filter', hook: 'prerouting', prio: -150 };
const FORWARD = { type: 'filter', hook: 'forward', prio: 0 };
const DESTINATION = { type: 'nat', hook: 'prerouting', prio: -100 };
const SOURCE = { type: 'nat', hook: 'postrouting', prio: 100 };
const TCP = match({ meta: { key: 'l4proto' } }, 'tcp');
const ADDRESS = { family: 'ip', addr: '192.0.2.1' };

const PROBES: readonly Probe[] = [
  probe('tproxy', 'nft_tproxy', MANGLE, [TCP, { tproxy: { family: 'ip', port: 1 } }]),
  probe('socket', 'nft_socket', MANGLE, [match({ socket: { key: 'transparent' } }, 1)]),
  probe('ct', 'nft_ct', FORWARD, [match({ ct: { key: 'status' } }, 'dnat')]),
  probe('fib', 'nft_fib_inet', MANGLE, [
    match({ fib: { result: 'type', flags: 'daddr' } }, 'local'),
  ]),
  probe('snat', 'nft_nat', SOURCE, [{ snat: ADDRESS }]),
  probe('dnat', 'nft_nat', DESTINATION, [{ dnat: ADDRESS }]),
  probe('masquerade', 'nft_masq', SOURCE, [{ masquerade: null }]),
  probe('redirect', 'nft_redir', DESTINATION, [TCP, { redirect: { port: 1 } }]),
  probe('reject', 'nft_reject_inet', FORWARD, [{ reject: null }]),
  probe('log', 'nft_log', FORWARD, [{ log: null }]),
  probe('limit', 'nft_limit', FORWARD, [{ limit: { rate: 1, per: 'second' } }]),
];

/** The first thing that commands use and the kernel lacks; undefined if it lacks none of those. Changes nothing. */
export async function missingFeature(
  nft: NftProgram,
  commands: readonly object[],
): Promise<KernelFeature | undefined> {
  const used = keysOf(commands);
  for (const { chain, expression, name, module, option } of PROBES) {
    if (!used.has(name)) continue;
    const result = await nft.check({ kind: 'json', commands: probeCommands(chain, expression) });
    if (!result.ok) return { name, module, option };
  }
  return undefined;
}

function probe(
  name: string,
  module: string,
  chain: Probe['chain'],
  expression: readonly object[],
): Probe {
  return { name, module, option: `CONFIG_${module.toUpperCase()}`, chain, expression };
}

function match(left: object, right: string | number): object {
  return { match: { op: '==', left, right } };
}

/** A table that is never applied, only checked. */
function probeCommands(chain: Probe['chain'], expr: readonly object[]): readonly object[] {
  const place = { family: FAMILY, table: 'zorp-probe' };
  return [
    { add: { table: { family: FAMILY, name: 'zorp-probe' } } },
    { add: { chain: { ...place, name: 'probe', ...chain } } },
    { add: { rule: { ...place, chain: 'probe', expr } } },
  ];
}

/** Every key of an object, at any depth. */
function keysOf(value: unknown, found = new Set<string>()): ReadonlySet<string> {
  if (typeof value !== 'object' || value === null) return found;
  for (const [key, inner] of Object.entries(value)) {
    if (!Array.isArray(value)) found.add(key);
    keysOf(inner, found);
  }
  return found;
}
