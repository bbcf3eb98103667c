// The tables that people read: on a terminal with ranges, in Markdown for the README.

import type { Name } from './contender.ts';
import { figure } from './figure.ts';
import type { Spread } from './statistics.ts';
import type { RowSummary } from './summary.ts';
import { NAMES, PEERS } from './summary.ts';

/** The tables for a terminal: costs and ratios with their ranges, then the rates seen. */
export function terminalTable(rows: readonly RowSummary[]): string {
  return tablesOf(rows)
    .flatMap((some) => [costTable(some), ...rateTable(some)])
    .join('\n\n');
}

function costTable(rows: readonly RowSummary[]): string {
  const names = namesIn(rows);
  const peers = names.filter((name) => PEERS.includes(name));
  return aligned([
    ['', 'unit', ...names, ...peers.map((peer) => `zorp / ${peer}`)],
    ...rows.map((row) => [
      row.title,
      row.costUnit,
      ...names.map((name) => withRange(row.contenders[name]?.cost)),
      ...peers.map((peer) => withRange(row.ratios[peer])),
    ]),
  ]);
}

/** One, if a row of it has a rate. */
function rateTable(rows: readonly RowSummary[]): readonly string[] {
  const timed = rows.filter(({ rateUnit }) => rateUnit !== '');
  if (timed.length === 0) return [];
  const names = namesIn(rows);
  const lines = timed.map((row) => [
    row.title,
    row.rateUnit,
    ...names.map((name) => withRange(row.contenders[name]?.rate)),
  ]);
  return [aligned([['seen on the wall clock', 'unit', ...names], ...lines])];
}

/** The tables for the README. */
export function markdownTable(rows: readonly RowSummary[]): string {
  return tablesOf(rows).map(markdownOf).join('\n\n');
}

function markdownOf(rows: readonly RowSummary[]): string {
  const names = namesIn(rows);
  const peers = names.filter((name) => PEERS.includes(name));
  const cells = [
    ['', 'unit', ...names, ...peers.map((peer) => `zorp / ${peer}`)],
    ['---', '---', ...names.map(() => '---:'), ...peers.map(() => '---:')],
    ...rows.map((row) => [
      row.title,
      row.costUnit,
      ...names.map((name) => middle(row, name)),
      ...peers.map((peer) => boldRatio(row.ratios[peer])),
    ]),
  ];
  return cells.map((line) => `| ${line.join(' | ')} |`).join('\n');
}

/** The rows of each table. */
function tablesOf(rows: readonly RowSummary[]): readonly (readonly RowSummary[])[] {
  return (['plain', 'tls'] as const)
    .map((table) => rows.filter((row) => row.table === table))
    .filter((some) => some.length > 0);
}

/** Those who took part. */
function namesIn(rows: readonly RowSummary[]): readonly Name[] {
  return NAMES.filter((name) => rows.some(({ contenders }) => contenders[name] !== undefined));
}

/** A table of whatever the small measurements of single functions give, a line each. */
export function microTable(results: readonly object[]): string {
  const columns = [...new Set(results.flatMap((result) => Object.keys(result)))];
  const lines = results.map((result) => {
    const cells = new Map<string, unknown>(Object.entries(result));
    return columns.map((column) => cellOf(cells.get(column)));
  });
  return aligned([columns, ...lines]);
}

/** Aligns columns: the first two to the left, figures to the right. */
export function aligned(lines: readonly (readonly string[])[]): string {
  const columns = Math.max(...lines.map((line) => line.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  const pad = (cell: string, column: number): string =>
    column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return lines.map((line) => line.map(pad).join('  ').trimEnd()).join('\n');
}

function cellOf(value: unknown): string {
  if (typeof value === 'number') return figure(value);
  return typeof value === 'string' ? value : JSON.stringify(value ?? '');
}

function withRange(spread: Spread | undefined): string {
  if (spread === undefined) return '-';
  return `${figure(spread.median)} (${figure(spread.min)}-${figure(spread.max)})`;
}

function middle(row: RowSummary, name: Name): string {
  const spread = row.contenders[name]?.cost;
  return spread === undefined ? '-' : figure(spread.median);
}

function boldRatio(spread: Spread | undefined): string {
  if (spread === undefined) return '-';
  return `**${figure(spread.median)}** (${figure(spread.min)}-${figure(spread.max)})`;
}
