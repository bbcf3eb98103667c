// What a policy may say about the values of header fields that everybody knows, and about fields that nobody does.

import { z } from 'zod';
import type { Abort, Accept, Drop } from '../../../proxy/policy-action.ts';
import { actionOf, drop } from '../../../proxy/policy-action.ts';
import { yesOrNo } from '../option-schemas.ts';

/** Settings of `httpProxy` about known and unknown header fields. */
export interface StrictHeaderOptions {
  /**
   * Check the values of known fields against the grammar of each, in both directions; a message with one that breaks it is
   * refused. Default: false.
   */
  readonly strictHeaderChecking?: boolean;
  /** What is done then with fields that neither the table of known ones nor the policy names. Default: `drop()`. */
  readonly strictHeaderCheckingAction?: Accept | Drop | Abort;
}

/** Checked settings about known and unknown header fields. */
export type StrictHeaderSettings = Readonly<Required<StrictHeaderOptions>>;

const ACTIONS: readonly unknown[] = ['accept', 'drop', 'abort'];

/** The part of the schema of `httpProxy` that is about known and unknown fields. */
export const strictHeaderShape = {
  strictHeaderChecking: yesOrNo.default(false),
  strictHeaderCheckingAction: z
    .custom<Accept | Drop | Abort>(isAction, { error: 'give accept(), drop() or abort()' })
    .default(drop()),
};

function isAction(value: unknown): boolean {
  return ACTIONS.includes(actionOf(value));
}
