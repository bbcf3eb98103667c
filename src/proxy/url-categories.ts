// Categories of URLs: what a policy knows of them by its lists, such as that a page is an advertisement.

import { z } from 'zod';
import { faultsOf, isDeclared } from './policy-fault.ts';

/** A URL that is asked about. */
export interface AskedUrl {
  /** In canonical form; of a CONNECT `https://host/`, with the port where it is not 443. */
  readonly text: string;
  /** A name in lower case, or an address without brackets. */
  readonly host: string;
}

/** Categories, made by `urlCategories()`. */
export interface UrlCategories {
  readonly kind: 'url-categories';
  readonly names: readonly string[];
  /** Whether a URL is of a category. @throws PolicyFault if a matcher cannot say. */
  has(name: string, url: AskedUrl): boolean;
  /** `lists/ads.txt:12`: the entry by which a URL is of a category; undefined where it stands in no file. */
  placeOf(name: string, url: AskedUrl): string | undefined;
}

/** The categories of a URL, in the order of the policy. @throws PolicyFault if a matcher cannot say. */
export function categoriesOf(categories: UrlCategories, url: AskedUrl): readonly string[] {
  return categories.names.filter((name) => categories.has(name, url));
}

/** Categories that `urlCategories()` made, without a fault. */
export const anyCategories = z.custom<UrlCategories>(
  (value) => isMade(value) && faultsOf(value).length === 0,
  {
    error: ({ input }) => {
      const [fault] = isMade(input) ? faultsOf(input) : [];
      if (fault !== undefined) return `correct ${fault.path}: ${fault.cure}`;
      return 'give categories made by urlCategories({ ads: { domains: "lists/ads.txt" } })';
    },
  },
);

function isMade(value: unknown): value is UrlCategories {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    value.kind === 'url-categories' &&
    isDeclared(value)
  );
}
