// Decisions as text for a terminal: what `zorp explain` shows.

import type { ExplainedDecision, ExplainedRule, ExplainedStep } from './explain.ts';
import type { ScoreElements } from './rule-score.ts';
import { alignColumns, terminalText } from './terminal-text.ts';
import type { StepOutcome } from './trace.ts';

/** Marks that tell at a glance what came of a step, with their colours (ANSI, SGR). */
const MARKS: Readonly<Record<StepOutcome, { readonly mark: string; readonly color: string }>> = {
  chosen: { mark: '→', color: '32' },
  passed: { mark: '✓', color: '32' },
  lost: { mark: '-', color: '2' },
  skipped: { mark: '-', color: '2' },
  inherited: { mark: '↑', color: '2' },
  refused: { mark: '✗', color: '31' },
  open: { mark: '?', color: '33' },
};

const VERDICTS: Readonly<
  Record<ExplainedDecision['outcome'], { readonly word: string; readonly color: string }>
> = {
  permitted: { word: 'PERMITTED', color: '1;32' },
  forwarded: { word: 'FORWARDED', color: '1;32' },
  refused: { word: 'REFUSED', color: '1;31' },
  detecting: { word: 'DETECTING', color: '1;33' },
};

const MOST_RULES = 20; // each takes two lines, and with the other steps they still fit on two screens

/** How to read a score. A score has its elements in this order. */
const LEGEND =
  'scores: (interface, ICMP code, ICMP type, protocol, source port, port, from subnet/zone, to subnet/interface/zone); ' +
  'the first difference decides, then the lower id';

const DIM = '2';

/** A line of the text, and its colour. */
interface Line {
  readonly text: string;
  readonly color: string;
}

/** A decision as text, one line a step between the verdict and the verdict. Nothing in it can command a terminal. */
export function explainText(
  explained: ExplainedDecision,
  { color }: { readonly color: boolean },
): string {
  const verdict = verdictLine(explained);
  const lines = [verdict, ...stepLines(explained.steps), verdict];
  return lines.map((line) => (color ? painted(line) : line.text)).join('\n');
}

function verdictLine({ outcome, reason, message }: ExplainedDecision): Line {
  const { word, color } = VERDICTS[outcome];
  const code = outcome === 'refused' ? ` ${reason}` : '';
  return { text: terminalText(`${word}${code}: ${message}`), color };
}

/** One line a step, but two for a rule, and only the best rules. */
function stepLines(steps: readonly ExplainedStep[]): readonly Line[] {
  const rules = steps.filter((step) => step.rule !== null);
  const hidden = new Set(rules.slice(MOST_RULES));
  const shown = steps.filter((step) => !hidden.has(step));
  const rows = alignColumns(shown.map((step) => rowOf(step).map(terminalText)));
  return shown.flatMap((step, index): readonly Line[] => {
    const row = { text: `  ${rows[index] ?? ''}`, color: MARKS[step.outcome].color };
    if (step.rule === null) return [row];
    const place = rules.indexOf(step);
    const lines = [row, dim(`      ${step.rule.explain}`)];
    if (place === 0) lines.unshift(dim(`    ${LEGEND}`));
    if (place === MOST_RULES - 1 && hidden.size > 0)
      lines.push(dim(`    ... and ${hidden.size} more`));
    return lines;
  });
}

function dim(text: string): Line {
  return { text: terminalText(text), color: DIM };
}

function rowOf(step: ExplainedStep): readonly string[] {
  const { check, outcome, because, source, rule } = step;
  const value = rule === null ? step.value : showBriefly(rule.score);
  const why = value === null ? because : `${because}: ${value}`;
  return [`${MARKS[outcome].mark} ${check}`, outcome, subjectOf(step), why, source ?? ''];
}

function subjectOf({ kind, name, rule }: ExplainedStep): string {
  if (rule !== null) return ruleName(rule);
  return kind === null ? '' : `${kind} ${name ?? ''}`;
}

function ruleName({ id, name }: ExplainedRule): string {
  return name === null ? `rule ${id}` : `rule ${id} ${JSON.stringify(name)}`;
}

/** A score without the names of its elements, which the legend gives. */
function showBriefly(of: ScoreElements): string {
  const from = `${of.fromSubnet}/${of.fromZone}`;
  const to = `${of.toSubnet}/${of.toInterface}/${of.toZone}`;
  const first = [of.interface, of.icmpCode, of.icmpType, of.protocol, of.sourcePort, of.port];
  return `(${[...first, from, to].join(', ')})`;
}

function painted({ text, color }: Line): string {
  return `\u001b[${color}m${text}\u001b[0m`;
}
