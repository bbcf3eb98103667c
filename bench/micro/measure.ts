// Nanoseconds of one call, always beside a baseline of the same run: rounds are interleaved, the median counts.

/** One way of doing the thing that is measured. */
export interface Contestant {
  readonly name: string;
  /** Does the thing `count` times; what it returns keeps the compiler from leaving the work out. */
  readonly run: (count: number) => unknown;
}

/** What a way costs. */
export interface Result {
  readonly name: string;
  /** Median of the rounds. */
  readonly nanoseconds: number;
  readonly fastest: number;
  readonly slowest: number;
  /** How many times as long as the first contestant takes. */
  readonly ratio: number;
}

const ROUNDS = 7;
const WARM_UP_MS = 200; // long enough for V8 to compile with what it learns
const ROUND_MS = 60;

/** Measures all contestants in turns; the first one is the yardstick. */
export function measure(contestants: readonly Contestant[]): Result[] {
  const prepared = contestants.map((one) => ({
    one,
    count: calibrate(one),
    times: [] as number[],
  }));
  for (let round = 0; round < ROUNDS; round++)
    for (const { one, count, times } of prepared) times.push(nanosecondsOf(one, count));
  const results = prepared.map(({ one, times }) => {
    const sorted = times.toSorted((a, b) => a - b);
    const [fastest = 0] = sorted;
    const nanoseconds = sorted[(ROUNDS - 1) / 2] ?? 0;
    return { name: one.name, nanoseconds, fastest, slowest: sorted.at(-1) ?? 0, ratio: 1 };
  });
  const yardstick = results[0]?.nanoseconds ?? 1;
  return results.map((result) => ({ ...result, ratio: result.nanoseconds / yardstick }));
}

/** Warms up, and says how many calls take one round. */
function calibrate(one: Contestant): number {
  let count = 1;
  let spentMs = 0;
  let nanoseconds = 1;
  while (spentMs < WARM_UP_MS) {
    nanoseconds = nanosecondsOf(one, count);
    spentMs += (nanoseconds * count) / 1e6;
    count = Math.min(count * 2, 1e6);
  }
  return Math.max(1, Math.round((ROUND_MS * 1e6) / nanoseconds));
}

/** Processor time of this thread, so that what else runs on the machine counts less. */
function nanosecondsOf(one: Contestant, count: number): number {
  const before = process.threadCpuUsage();
  one.run(count);
  const { user, system } = process.threadCpuUsage(before);
  return Math.max(1, (user + system) * 1000) / count;
}

/** A small table of results. */
export function tableOf(title: string, results: readonly Result[]): string {
  const width = Math.max(...results.map(({ name }) => name.length));
  const lines = results.map(({ name, nanoseconds, fastest, slowest, ratio }) => {
    const range = `(${fastest.toFixed(0)}-${slowest.toFixed(0)})`;
    return `  ${name.padEnd(width)}  ${nanoseconds.toFixed(0).padStart(8)} ns  ${range.padEnd(17)} ${ratio.toFixed(2).padStart(8)} x`;
  });
  return [title, ...lines].join('\n');
}
