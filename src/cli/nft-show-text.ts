// The packet filter of the kernel in words, for a terminal. Names come from policies and from the kernel: whoever prints
// this escapes it.

import { elementText } from '../packet-filter/element-text.ts';
import type { FilterReport } from '../packet-filter/filter-report.ts';
import type { Listing, SetFacts } from '../packet-filter/nft-listing.ts';
import { alignColumns } from '../policy/terminal-text.ts';

/** The policy that it is compared with. */
export interface WantedPolicy {
  readonly file: string;
  readonly revision: string;
}

/** Everything, one fact a line. */
export function filterText(report: FilterReport, wanted: WantedPolicy | undefined): string {
  const { listing, table } = report;
  const lines =
    listing === undefined
      ? [`table inet ${table}: not there`]
      : [`table inet ${table}: revision ${report.revision ?? 'unknown'}${origin(report)}`];
  if (wanted !== undefined) lines.push(comparison(report, wanted));
  lines.push(...stateLines(report));
  if (listing !== undefined)
    lines.push(
      ...COUNTERS.flatMap(({ title, pattern }) => section(title, counterLines(listing, pattern))),
      ...section('sets', listing.sets.flatMap(setLines)),
    );
  return lines.join('\n');
}

function origin({ commit, revision }: FilterReport): string {
  if (commit === undefined || commit.revision !== revision) return '';
  return `, committed at ${commit.at}${commit.policyFile === '' ? '' : ` from ${commit.policyFile}`}`;
}

function comparison({ revision }: FilterReport, wanted: WantedPolicy): string {
  const isThis = revision === wanted.revision ? 'it is in the kernel' : 'it is not in the kernel';
  return `policy ${wanted.file}: revision ${wanted.revision}, ${isThis}`;
}

function stateLines({ waiting, rolledBack, canRollBack }: FilterReport): string[] {
  const lines: string[] = [];
  if (waiting !== undefined) {
    const { secondsLeft, until, isGuarded } = waiting;
    lines.push(
      isGuarded
        ? `waits for its confirmation: ${secondsLeft} s are left, until ${until}`
        : `waits for its confirmation, but the process that takes it back is gone: run "zorp nft confirm" or "zorp nft rollback"`,
    );
  }
  if (rolledBack !== undefined)
    lines.push(
      rolledBack.why === 'asked'
        ? `rolled back at ${rolledBack.at}`
        : `rolled back at ${rolledBack.at}, because nobody confirmed it`,
    );
  if (canRollBack) lines.push('"zorp nft rollback" goes back to what was there before');
  return lines;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines.map((line) => `  ${line}`)];
}

/** Counters by what they count, which their names begin with. */
const COUNTERS = [
  { title: 'packets by rule', pattern: /^rule_(.*)$/s },
  { title: 'packets by service', pattern: /^service_(.*)$/s },
  { title: 'packets refused by service', pattern: /^refused_(.*)$/s },
  { title: 'other packets', pattern: /^(?!rule_|service_|refused_)(.*)$/s },
];

function counterLines({ counters: all, rules }: Listing, pattern: RegExp): readonly string[] {
  const counters = all.flatMap((one) => {
    const name = pattern.exec(one.name)?.[1];
    if (name === undefined) return [];
    // The rule of a policy has a chain of the same name, whose comment tells its own name and its line.
    const said = rules.find(({ chain }) => chain === one.name)?.comment;
    return [{ ...one, name: said ?? name }];
  });
  const numbers = counters.map(({ packets, bytes }) => [String(packets), String(bytes)] as const);
  const widths = [0, 1].map((column) =>
    Math.max(0, ...numbers.map((one) => (one[column] ?? '').length)),
  );
  return alignColumns(
    counters.map(({ name }, index) => {
      const [packets = '', bytes = ''] = numbers[index] ?? [];
      const right = [packets.padStart(widths[0] ?? 0), bytes.padStart(widths[1] ?? 0)];
      return [name, `${right[0] ?? ''} packets`, `${right[1] ?? ''} bytes`];
    }),
  );
}

const MOST_ELEMENTS = 100; // of one set in the text; --json has all

function setLines({ name, type, elem = [] }: SetFacts): readonly string[] {
  const shown = elem.slice(0, MOST_ELEMENTS).map((one) => `  ${elementText(one)}`);
  const rest = elem.length - shown.length;
  const count = elem.length === 1 ? '1 element' : `${elem.length} elements`;
  return [
    `${name} (${[type].flat().join(' . ')}), ${count}`,
    ...shown,
    ...(rest > 0 ? [`  ... and ${rest} more, which --json lists`] : []),
  ];
}
