// What a policy says about categories of URLs.

import { z } from 'zod';
import type { Abort, Accept, Reject } from '../../../proxy/policy-action.ts';
import { actionOf } from '../../../proxy/policy-action.ts';
import type { UrlCategories } from '../../../proxy/url-categories.ts';
import { anyCategories } from '../../../proxy/url-categories.ts';
import type { Answer } from '../rules/answer.ts';
import { answerCure, isAnswer } from '../rules/answer.ts';
import { refusalCure } from '../problem.ts';

/** What becomes of URLs of a category. */
export type CategoryRule = Accept | Reject | Abort | Answer;

/** Settings of `httpProxy` about categories. */
export interface CategoryOptions {
  /** The categories, made by `urlCategories()`. Functions of the policy see them as `request.categories`. Default: none. */
  readonly urlCategories?: UrlCategories;
  /**
   * By category, `*` for URLs of none that is listed: `accept()`, `reject()`, `abort()`, `answer()` or `redirect()`. Of
   * several categories of a URL the one that stands first here counts. What is not listed passes. Default: all pass.
   */
  readonly urlCategory?: Readonly<Record<string, CategoryRule>>;
}

/** Checked settings about categories. */
export interface CategorySettings {
  readonly urlCategories: UrlCategories | undefined;
  readonly urlCategory: Readonly<Record<string, CategoryRule>>;
}

const ACTIONS: readonly unknown[] = ['accept', 'reject', 'abort'];
const RULE_CURE = 'give accept(), reject(), abort(), answer() or redirect()';

function ruleCure(value: unknown): string | undefined {
  if (isAnswer(value)) return answerCure(value);
  return ACTIONS.includes(actionOf(value)) ? refusalCure(value) : RULE_CURE;
}

const rule = z.custom<CategoryRule>((value) => ruleCure(value) === undefined, {
  error: ({ input }) => ruleCure(input) ?? RULE_CURE,
});

/** The part of the schema of `httpProxy` that is about categories. */
export const categoryShape = {
  urlCategories: anyCategories.optional(),
  urlCategory: z
    .record(z.string(), rule, { error: 'give a table by category: { gambling: reject() }' })
    .default({}),
};

/** The key of URLs that are of no listed category. */
export const REST = '*';

type GivenCategories = z.output<z.ZodObject<typeof categoryShape>>;

/** A category that is listed and that nothing is of would be a mistake that blocks nothing. */
export function checkCategories({
  value: { urlCategories, urlCategory },
  issues,
}: z.core.ParsePayload<GivenCategories>): void {
  const known = urlCategories?.names ?? [];
  const names = known.length === 0 ? '' : ` (${known.join(', ')})`;
  const message = `name one of the categories of urlCategories${names}, or remove it`;
  for (const name of Object.keys(urlCategory))
    if (name !== REST && !known.includes(name))
      issues.push({ code: 'custom', path: ['urlCategory', name], input: name, message });
}
