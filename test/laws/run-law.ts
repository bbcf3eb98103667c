// Runs a law over a proxy: with random cases and with the corpus. What breaks a law is printed with fast-check's seed and
// path and, if it is a dialogue, as a file for the corpus.

import assert from 'node:assert/strict';
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import fc from 'fast-check';
import type { ProxyFactory } from '../../src/proxy/engine.ts';
import { answers, chunkSizes, mutated } from '../support/arbitraries.ts';
import type { Dialogue } from '../support/dialogue.ts';
import { parseDialogue, showDialogue } from '../support/dialogue.ts';
import type { ModelOptions } from '../support/model-pump.ts';
import { endsInTime } from './ends-in-time.ts';
import type { ProxyUnderLaw } from './proxy-under-law.ts';

const CORPUS = `${import.meta.dirname}/../corpus`;
const RUNS = 100;

/** Seconds that the whole folder may take; by default each law makes 100 runs. */
const FUZZ_SECONDS = Number(process.env['FUZZ_SECONDS'] ?? '0');
const PROPERTIES = 20; // about as many as there are laws times proxies: each gets its share of the time

/** One case of a law over dialogues. */
export interface DialogueCase {
  readonly variant: string;
  readonly dialogue: Dialogue;
  readonly chunkSizes: readonly number[];
  readonly answers: 'at-once' | 'after-the-turn';
}

/** A law over dialogues. It throws what breaks it. */
export type DialogueLaw = (
  factory: ProxyFactory,
  dialogue: Dialogue,
  options: Pick<ModelOptions, 'chunkSizes' | 'answers'>,
) => void;

/** Tries a law over random dialogues of a proxy, valid and mutated, under each of these variants. */
export function tryDialogues(
  proxy: ProxyUnderLaw,
  variants: Readonly<Record<string, ProxyFactory>>,
  law: DialogueLaw,
): void {
  const cases = fc.record({
    variant: fc.constantFrom(...Object.keys(variants)),
    dialogue: mutated(proxy.dialogues),
    chunkSizes,
    answers,
  });
  const details = tryCases(cases, (one) => checkCase(variants, one, law));
  if (details.counterexample === null) return;
  const [{ variant, dialogue }] = details.counterexample;
  const text = `# with: ${variant}\n${showDialogue(dialogue)}`;
  const file = FUZZ_SECONDS > 0 ? keep(proxy, text) : `test/corpus/${proxy.name}/`;
  assert.fail(`${reportOf(details)}\n\nFor ${file}:\n\n${text}`);
}

/** Tries a law over anything else; `show` writes a case so that it can be read. */
export function tryAll<Case>(
  cases: fc.Arbitrary<Case>,
  law: (one: Case) => void,
  { runs = RUNS, show = () => '' }: { runs?: number; show?: (one: Case) => string } = {},
): void {
  const details = tryCases(cases, law, runs);
  if (details.counterexample !== null)
    assert.fail(`${reportOf(details)}\n\n${show(details.counterexample[0])}`);
}

/** Tries a law that takes its turns in microtasks over anything. */
export async function tryAllAsync<Case>(
  cases: fc.Arbitrary<Case>,
  law: (one: Case) => Promise<unknown>,
): Promise<void> {
  const property = fc.asyncProperty(cases, async (one) => {
    await law(one);
  });
  const details = await fc.check(property, amount(RUNS));
  if (details.counterexample !== null) assert.fail(reportOf(details));
}

/** The corpus of a proxy: everything that ever broke. */
export function corpusOf(proxy: ProxyUnderLaw): readonly { name: string; dialogue: Dialogue }[] {
  return globSync(`${CORPUS}/${proxy.name}/*.txt`)
    .sort()
    .map((path) => ({ name: basename(path), dialogue: parseDialogue(readFileSync(path, 'utf8')) }));
}

/** Plays a dialogue of the corpus under each variant, in one piece and in small ones. */
export function replay(
  variants: Readonly<Record<string, ProxyFactory>>,
  dialogue: Dialogue,
  law: DialogueLaw,
): void {
  for (const variant of Object.keys(variants))
    for (const sizes of [[Infinity], [1], [7, 3]])
      for (const when of ['at-once', 'after-the-turn'] as const)
        checkCase(variants, { variant, dialogue, chunkSizes: sizes, answers: when }, law);
}

function checkCase(
  variants: Readonly<Record<string, ProxyFactory>>,
  { variant, dialogue, ...options }: DialogueCase,
  law: DialogueLaw,
): void {
  const factory = variants[variant];
  if (factory === undefined) throw new RangeError(`There is no variant ${variant}`);
  endsInTime(() => law(factory, dialogue, options));
}

function tryCases<Case>(
  cases: fc.Arbitrary<Case>,
  law: (one: Case) => void,
  runs = RUNS,
): fc.RunDetails<[Case]> {
  const property = fc.property(cases, (one) => endsInTime(() => law(one)));
  return fc.check(property, amount(runs));
}

/** How many cases are tried, or for how long. */
function amount(runs: number): { readonly numRuns: number; interruptAfterTimeLimit?: number } {
  if (FUZZ_SECONDS === 0) return { numRuns: runs };
  return { numRuns: 1e9, interruptAfterTimeLimit: (FUZZ_SECONDS * 1000) / PROPERTIES };
}

/** The seed and the path, the case, and what was wrong. */
function reportOf<Case>(details: fc.RunDetails<[Case]>): string {
  const { errorInstance: error } = details;
  const what = error instanceof Error ? error.message : String(error);
  return `${fc.defaultReportMessage(details) ?? ''}\n\n${what}`;
}

function keep(proxy: ProxyUnderLaw, text: string): string {
  const number = globSync(`${CORPUS}/${proxy.name}/found-*.txt`).length + 1;
  const file = `${CORPUS}/${proxy.name}/found-${number}.txt`;
  mkdirSync(`${CORPUS}/${proxy.name}`, { recursive: true });
  writeFileSync(file, text);
  return file;
}
