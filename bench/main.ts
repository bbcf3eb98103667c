// `npm run bench`: what Zorp costs, as a ratio to haproxy, nginx and others in the same run. docs/guide/benchmarks.md
// says what is measured, how, and how to read it.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBackEnd, startTlsBackEnds } from './back-end.ts';
import type { Options } from './command-line.ts';
import { readOptions, USAGE } from './command-line.ts';
import { PORT_NAMES } from './contender.ts';
import type { Contender, Missing, Place, PortName } from './contender.ts';
import type { Cores } from './cores.ts';
import { describeCores, giveCoresBack, takeCores } from './cores.ts';
import { freePorts } from './free-ports.ts';
import { machineFacts } from './machine.ts';
import { measureRow } from './measure-row.ts';
import { haproxy } from './peers/haproxy.ts';
import { httpProxy } from './peers/http-proxy.ts';
import { mitmproxy } from './peers/mitmproxy.ts';
import { nginx } from './peers/nginx.ts';
import { squid } from './peers/squid.ts';
import { sslsplit } from './peers/sslsplit.ts';
import { zorp } from './peers/zorp.ts';
import { writeBlockedDomains } from './policy-under-test.ts';
import { runMicro } from './run-micro.ts';
import { ROWS } from './rows.ts';
import type { RowSummary } from './summary.ts';
import { summarize } from './summary.ts';
import { markdownTable, microTable, terminalTable } from './table.ts';
import type { TlsSite } from './tls-site.ts';
import { makeTlsSite } from './tls-site.ts';

const TIME_LIMIT_MS = { full: 1_200_000, quick: 240_000 } as const;
// V8 compiles for good only what has run some ten thousand times; a quick run has no time for that, and is noisier.
const WARM_UP_MS = { full: 2_000, quick: 0 } as const;
const MAX_CONTENDERS = 9;
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
  const cores = takeCores();
  const before = machineFacts();
  const found = await compare(options, folder, cores);
  const facts = { ...before, loadAfter: machineFacts().load };
  const path = join(RESULTS, `${new Date().toISOString().replaceAll(':', '-')}.json`);
  const versions = found.contenders.map(({ name, version }) => `${name} ${version}`);
  const { rows, faults, notes, backEnd, micro } = found;
  const json = {
    mode: options.mode,
    machine: facts,
    cores,
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
  const footnote = `${versions.join(', ')}, Node ${process.version}; ${facts.cores} cores (${facts.cpu}), loopback, ${describeCores(cores)}; median (range) of up to ${options.rounds} rounds.`;
  console.log(options.isMarkdown ? `${markdownTable(rows)}\n\n${footnote}` : terminalTable(rows));
  if (!options.isMarkdown && micro.length > 0) console.log(`\n${microTable(micro)}`);
  if (!options.isMarkdown) console.log(`\n${footnote}\nLess is better. All figures: ${path}`);
  if (faults.length > 0) process.exitCode = 1;
}

async function compare(options: Options, folder: string, cores: Cores): Promise<Found> {
  const deadline = performance.now() + TIME_LIMIT_MS[options.mode];
  const wanted = ROWS.filter(({ id }) => options.rows.length === 0 || options.rows.includes(id));
  const { contenders, missing, serverPort, tls } = await setUp(options, folder);
  for (const { what, cure } of missing) console.error(`Without ${what}: ${cure}`);
  const isTlsWanted = wanted.some(({ table }) => table === 'tls');
  const backEnd = await startBackEnd(folder, serverPort);
  const tlsBackEnds = isTlsWanted ? await startTlsBackEnds(tls, folder) : undefined;
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
      const end = performance.now() + share;
      const warmUpMs = WARM_UP_MS[mode];
      const plan = { mode, rounds, warmUpMs, serverPort, tls, cores, deadline: end, progress };
      const result = await measureRow(row, contenders, plan);
      process.stderr.write('\n');
      rows.push(summarize(result));
      faults.push(...result.faults);
      notes.push(...result.notes);
    }
  } finally {
    await Promise.all([backEnd.stop(), tlsBackEnds?.stop()]);
  }
  giveCoresBack(cores); // functions alone disturb nobody, and the collector of their garbage has threads of its own
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
  readonly tls: TlsSite;
}

async function setUp(options: Options, folder: string): Promise<SetUp> {
  const blockedDomains = join(folder, 'blocked.txt');
  writeBlockedDomains(blockedDomains);
  const width = PORT_NAMES.length;
  const [serverPort = 0, tlsPort = 0, namesPort = 0, ...free] = await freePorts(
    3 + MAX_CONTENDERS * width,
  );
  const tls = makeTlsSite(folder, tlsPort, namesPort);
  let taken = 0;
  const place = (): Place => {
    const own = PORT_NAMES.map((name, at) => [name, free[taken * width + at] ?? 0] as const);
    taken += 1;
    const ports = Object.fromEntries(own) as Record<PortName, number>; // all of them have one
    return { folder, serverPort, blockedDomains, ports, tls };
  };
  const first = zorp(place(), { profileFolder: options.isProfile ? RESULTS : undefined });
  const peers = [
    haproxy(place()),
    haproxy(place(), 'dom'),
    nginx(place()),
    squid(place()),
    httpProxy(place()),
    sslsplit(place()),
    mitmproxy(place()),
  ];
  const onNet = options.isNetWanted ? [zorp(place(), { io: 'net' })] : [];
  const missing = new Map(peers.flatMap((peer) => peer.missing).map((one) => [one.what, one]));
  return {
    contenders: [first, ...peers.flatMap(({ contender }) => contender ?? []), ...onNet],
    missing: [...missing.values()],
    serverPort,
    tls,
  };
}
