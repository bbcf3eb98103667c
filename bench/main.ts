// `npm run bench`: what Zorp costs, as a ratio to haproxy and nginx in the same run. docs/guide/benchmarks.md says what is
// measured, how, and how to read it.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBackEnd } from './back-end.ts';
import type { Options } from './command-line.ts';
import { readOptions, USAGE } from './command-line.ts';
import type { Contender, Missing, Place } from './contender.ts';
import { freePorts } from './free-ports.ts';
import { machineFacts } from './machine.ts';
import { measureRow } from './measure-row.ts';
import { haproxy } from './peers/haproxy.ts';
import { nginx } from './peers/nginx.ts';
import { zorp } from './peers/zorp.ts';
import { runMicro } from './run-micro.ts';
import { ROWS } from './rows.ts';
import type { RowSummary } from './summary.ts';
import { summarize } from './summary.ts';
import { markdownTable, microTable, terminalTable } from './table.ts';

const TIME_LIMIT_MS = { full: 560_000, quick: 110_000 } as const;
const RESULTS = join(import.meta.dirname, 'results');

interface Found {
  readonly rows: readonly RowSummary[];
  readonly faults: readonly string[];
  readonly notes: readonly string[];
  readonly contenders: readonly Contender[];
  readonly backEnd: string;
  /** Of the measurements of single functions. */
  readonly micro: readonly object[];
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => process.exit(130)); // what was started is ended, and what was written removed, on exit

try {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) console.log(USAGE);
  else await run(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

async function run(options: Options): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'zorp-bench-'));
  process.once('exit', () => {
    rmSync(folder, { recursive: true, force: true });
  });
  mkdirSync(RESULTS, { recursive: true });
  const before = machineFacts();
  const found = await compare(options, folder);
  const facts = { ...before, loadAfter: machineFacts().load };
  const path = join(RESULTS, `${new Date().toISOString().replaceAll(':', '-')}.json`);
  const versions = found.contenders.map(({ name, version }) => `${name} ${version}`);
  const { rows, faults, notes, backEnd, micro } = found;
  const json = {
    mode: options.mode,
    machine: facts,
    versions,
    backEnd,
    rows,
    micro,
    faults,
    notes,
  };
  writeFileSync(path, `${JSON.stringify(json, undefined, 2)}\n`);
  for (const note of notes) console.error(`  ${note}`);
  for (const fault of faults) console.error(`! ${fault}`);
  const footnote = `${versions.join(', ')}, Node ${process.version}; ${facts.cores} cores (${facts.cpu}), loopback; median (range) of up to ${options.rounds} rounds.`;
  console.log(options.isMarkdown ? markdownTable(rows, footnote) : terminalTable(rows));
  if (!options.isMarkdown && micro.length > 0) console.log(`\n${microTable(micro)}`);
  if (!options.isMarkdown) console.log(`\n${footnote}\nLess is better. All figures: ${path}`);
  if (faults.length > 0) process.exitCode = 1;
}

async function compare(options: Options, folder: string): Promise<Found> {
  const deadline = performance.now() + TIME_LIMIT_MS[options.mode];
  const wanted = ROWS.filter(({ id }) => options.rows.length === 0 || options.rows.includes(id));
  const { contenders, missing, serverPort } = await setUp(options, folder);
  for (const { what, cure } of missing) console.error(`Without ${what}: ${cure}`);
  const backEnd = await startBackEnd(folder, serverPort);
  const rows: RowSummary[] = [];
  const faults: string[] = [];
  const notes: string[] = [];
  try {
    for (const [index, row] of wanted.entries()) {
      // What a row leaves of its share of the time, the later ones get.
      const share = (deadline - performance.now()) / (wanted.length - index);
      process.stderr.write(`${row.title}, ${row.costUnit}:`);
      const progress = (text: string): void => {
        process.stderr.write(`  ${text}`);
      };
      const { rounds, mode } = options;
      const plan = { mode, rounds, deadline: performance.now() + share, progress };
      const result = await measureRow(row, contenders, plan);
      process.stderr.write('\n');
      rows.push(summarize(result));
      faults.push(...result.faults);
      notes.push(...result.notes);
    }
  } finally {
    await backEnd.stop();
  }
  const isMicroWanted = options.rows.length === 0 || options.rows.includes('micro');
  const hasTime = performance.now() < deadline;
  if (isMicroWanted && !hasTime) notes.push('micro: left out, out of time');
  const micro = isMicroWanted && hasTime ? await runMicro() : [];
  return { rows, faults, notes, contenders, backEnd: backEnd.name, micro };
}

interface SetUp {
  readonly contenders: readonly Contender[];
  readonly missing: readonly Missing[];
  readonly serverPort: number;
}

async function setUp(options: Options, folder: string): Promise<SetUp> {
  const [serverPort = 0, ...ports] = await freePorts(13);
  const placeOf = (index: number): Place => {
    const [http = 0, httpOnce = 0, plug = 0] = ports.slice(index * 3);
    return { folder, serverPort, ports: [http, httpOnce, plug] };
  };
  const peers = [haproxy(placeOf(1)), nginx(placeOf(2))];
  const first = zorp(placeOf(0), { profileFolder: options.isProfile ? RESULTS : undefined });
  const onNet = options.isNetWanted ? [zorp(placeOf(3), { io: 'net' })] : [];
  return {
    contenders: [first, ...peers.flatMap(({ contender }) => contender ?? []), ...onNet],
    missing: peers.flatMap(({ missing }) => missing),
    serverPort,
  };
}
