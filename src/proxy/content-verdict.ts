// What a stacked child thinks of the contents that it is given, as it tells its parent before or at its end.

/**
 * `reject`, `drop` and `error` keep the contents from going on: refused with a word to the peer, refused silently, or not
 * checked because the check failed. `unspecified` says nothing: no word of the others was used.
 */
export type ContentWord = 'accept' | 'reject' | 'drop' | 'error' | 'unspecified';

/** A child's word on the contents, with one line for people. */
export interface ContentVerdict {
  readonly word: ContentWord;
  /** One line for people; the child chose it, so it is escaped wherever it is shown. */
  readonly description: string;
  /** The reason code, where not the child spoke but what stands before it, because the contents break a bound. */
  readonly reason?: string;
}

const REFUSALS: readonly ContentWord[] = ['reject', 'drop', 'error'];

/** Whether the contents must not go on. */
export function isContentRefused({ word }: ContentVerdict): boolean {
  return REFUSALS.includes(word);
}
