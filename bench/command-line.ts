// What `npm run bench -- ...` understands.

import { parseArgs } from 'node:util';
import type { Mode } from './row.ts';
import { ROWS } from './rows.ts';

/** What to run and what to print. */
export interface Options {
  readonly mode: Mode;
  readonly rounds: number;
  /** Rows by id; all if none is named. */
  readonly rows: readonly string[];
  readonly isMarkdown: boolean;
  /** Zorp on node:net takes part, too. */
  readonly isNetWanted: boolean;
  /** Leave CPU profiles of Zorp behind. */
  readonly isProfile: boolean;
}

/** How to use it. */
export const USAGE = `npm run bench -- [options]

  --quick        less of everything: under 4 minutes, and noisier
  --row ID       only this row; may be given again. ${[...ROWS.map(({ id }) => id), 'micro'].join(', ')}
  --rounds N     rounds that count, 1 to 50 (default 5)
  --net          Zorp on node:net takes part as well: what the driver is worth
  --markdown     print the table of the README
  --profile      leave CPU profiles of Zorp's processes in bench/results`;

const DEFAULT_ROUNDS = 5;
const MAX_ROUNDS = 50;

/** Reads the arguments; undefined if help was asked for. Throws for what cannot be understood. */
export function readOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      row: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string', default: String(DEFAULT_ROUNDS) },
      net: { type: 'boolean', default: false },
      markdown: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > MAX_ROUNDS)
    throw new Error(`--rounds ${values.rounds}: give a whole number of 1 to ${MAX_ROUNDS}`);
  const known = new Set([...ROWS.map(({ id }) => id), 'micro']);
  for (const row of values.row)
    if (!known.has(row)) throw new Error(`--row ${row}: choose one of ${[...known].join(', ')}`);
  return {
    mode: values.quick ? 'quick' : 'full',
    rounds,
    rows: values.row,
    isNetWanted: values.net,
    isMarkdown: values.markdown,
    isProfile: values.profile,
  };
}
