// What a run found: of each row the figures of every contender and the ratios to the peers.

import type { Name } from './contender.ts';
import type { RowResult } from './measure-row.ts';
import type { Spread } from './statistics.ts';
import { ratioOf, spreadOf } from './statistics.ts';

/** The contenders, in the order of columns. */
export const NAMES: readonly Name[] = [
  'zorp',
  'haproxy',
  'haproxy-dom',
  'nginx',
  'squid',
  'http-proxy',
  'sslsplit',
  'mitmproxy',
  'zorp-net',
];
/** Whom Zorp is compared with. */
export const PEERS: readonly Name[] = NAMES.filter((name) => name !== 'zorp');

/** A row of the table. */
export interface RowSummary {
  readonly id: string;
  readonly table: 'plain' | 'tls';
  readonly title: string;
  readonly costUnit: string;
  readonly rateUnit: string;
  readonly contenders: Partial<Record<Name, ContenderSummary>>;
  /** Zorp's cost as a multiple of the peer's, round by round. */
  readonly ratios: Partial<Record<Name, Spread>>;
}

/** The figures of one contender in one row. */
export interface ContenderSummary {
  readonly cost: Spread;
  readonly rate: Spread | undefined;
  /** The cost of every round, for whoever wants to count differently. */
  readonly rounds: readonly (number | undefined)[];
}

/** Sums a row up. */
export function summarize({ row, rounds }: RowResult): RowSummary {
  const { id, table, title, costUnit, rateUnit } = row;
  const costs = (name: Name): readonly (number | undefined)[] =>
    (rounds.get(name) ?? []).map((measured) => measured?.cost);
  const contenders: Partial<Record<Name, ContenderSummary>> = {};
  const ratios: Partial<Record<Name, Spread>> = {};
  for (const name of NAMES) {
    const cost = spreadOf(costs(name).filter((value) => value !== undefined));
    if (cost === undefined) continue;
    const rates = (rounds.get(name) ?? []).flatMap((measured) => measured?.rate ?? []);
    contenders[name] = { cost, rate: spreadOf(rates), rounds: costs(name) };
  }
  for (const peer of PEERS) {
    const ratio = ratioOf(costs('zorp'), costs(peer));
    if (ratio !== undefined) ratios[peer] = ratio;
  }
  return { id, table, title, costUnit, rateUnit, contenders, ratios };
}
