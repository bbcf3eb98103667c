// What a parent knows of the contents that it gives to a stacked child, before the child has seen them.

import { attribute } from './proxy-session.ts';

/** What is known of contents beforehand. */
export interface ContentHint {
  /** Their length in bytes; undefined if it is not known. */
  readonly length?: number;
  /** What they are: any file, or an e-mail message with its header. */
  readonly format: 'file' | 'email';
}

/**
 * The attribute of a session in which a stacked proxy finds the hint of its parent.
 * @example const { length } = session.get(contentHint) ?? {};
 */
export const contentHint = attribute<ContentHint | undefined>('content-hint');
