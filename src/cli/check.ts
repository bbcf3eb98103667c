// zorp check: loads a policy and checks its types, and says everything that is wrong, or what the policy holds and what in
// it is likely a mistake.

import type { LoadFault } from '../instance/load-fault.ts';
import { PolicyLoadError, showLoadFault } from '../instance/load-fault.ts';
import type { LoadedPolicy } from '../instance/load-policy.ts';
import { summarizePolicy, summaryText } from '../policy/summary.ts';
import type { Warning } from '../policy/warning.ts';
import type { UnmetFollow } from '../policy/unmet-follows.ts';
import { unmetFollows } from '../policy/unmet-follows.ts';
import { policyWarnings } from '../policy/warnings.ts';
import type { ExitCode, Output, Tools } from './command.ts';
import { printJson, reportFaults, safeLines, unresolvedText } from './command.ts';

/** Where no file could be read, there are no types to check. */
const NO_FILE = ['policy.missing', 'policy.folder', 'policy.unreadable', 'policy.ending'];

/** Checks a policy. */
export async function check(
  path: string,
  options: { readonly json: boolean },
  output: Output,
  tools: Pick<Tools, 'loadPolicy' | 'typeCheck' | 'resolveNames' | 'interfaces'>,
): Promise<ExitCode> {
  const loading = await tryLoad(path, tools);
  const loadFaults = 'faults' in loading ? loading.faults : [];
  const hasFile = !loadFaults.some((fault) => NO_FILE.includes(fault.code));
  const faults = mergeFaults(loadFaults, hasFile ? await tools.typeCheck(path) : []);
  if ('faults' in loading || faults.length > 0) return reportFaults(faults, output, options.json);
  const { unresolved } = await tools.resolveNames(loading);
  const listeners = [...loading.policy.instances.values()].flat();
  const unmet = unmetFollows(listeners, tools.interfaces());
  printGood(loading, { unresolved, unmet }, output, options.json);
  return 0;
}

async function tryLoad(
  path: string,
  tools: Pick<Tools, 'loadPolicy'>,
): Promise<LoadedPolicy | PolicyLoadError> {
  try {
    return await tools.loadPolicy(path);
  } catch (error) {
    if (error instanceof PolicyLoadError) return error;
    throw error;
  }
}

/** The loader stops at the first fault of syntax or import, and the compiler finds the same: it is said once. */
const FOUND_TWICE = ['policy.syntax', 'policy.import'];

function mergeFaults(
  loadFaults: readonly LoadFault[],
  typeFaults: readonly LoadFault[],
): readonly LoadFault[] {
  const isRepeated = (fault: LoadFault): boolean =>
    loadFaults.some(
      ({ code, file, line }) =>
        FOUND_TWICE.includes(code) && file === fault.file && line === fault.line,
    );
  const all = [...loadFaults, ...typeFaults.filter((fault) => !isRepeated(fault))];
  return all.sort(
    (one, other) =>
      compareTexts(one.file ?? '', other.file ?? '') ||
      (one.line ?? 0) - (other.line ?? 0) ||
      (one.column ?? 0) - (other.column ?? 0),
  );
}

function compareTexts(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** What this machine and DNS do not have now. It is no fault of the policy, because it may come. */
interface Missing {
  readonly unresolved: readonly string[];
  readonly unmet: readonly UnmetFollow[];
}

function printGood(
  loaded: LoadedPolicy,
  { unresolved, unmet }: Missing,
  output: Output,
  isJson: boolean,
): void {
  const { file, revision, inputs, policy } = loaded;
  const summary = summarizePolicy(policy);
  const warnings = policyWarnings(policy);
  printWarnings(warnings, output);
  if (isJson) {
    const policyData = { file, revision, inputs, summary, warnings };
    printJson(output, { ok: true, ...policyData, unresolved, unmet });
    return;
  }
  const good = output.paintOut('green', 'good');
  const count = warnings.length === 0 ? '' : `, ${countWarnings(warnings)}`;
  output.out(`${safeLines(file).trimEnd()}: ${good}, revision ${revision}${count}\n`);
  output.out(safeLines(summaryText(summary)));
  output.out(unresolvedText(unresolved));
  for (const { message } of unmet) output.out(safeLines(message));
}

const MOST_WARNINGS = 100; // lines: somebody who has mended these can ask again

/** Warnings are for people here; with --json all of them are in the object, too. */
function printWarnings(warnings: readonly Warning[], output: Output): void {
  const mark = output.paintErr('yellow', 'warning:');
  for (const warning of warnings.slice(0, MOST_WARNINGS))
    output.err(`${mark} ${safeLines(showLoadFault(warning))}`);
  const rest = warnings.length - MOST_WARNINGS;
  if (rest > 0) output.err(`${mark} ... and ${rest} more, which --json lists\n`);
}

function countWarnings(warnings: readonly Warning[]): string {
  return warnings.length === 1 ? '1 warning' : `${warnings.length} warnings`;
}
