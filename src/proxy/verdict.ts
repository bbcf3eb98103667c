// How a session ended. The words and their order are the original's.

/** How a session ended, as written into its decision record. */
export type Verdict =
  | 'accepted'
  | 'denied-by-policy'
  | 'denied-by-limit'
  | 'denied-by-connection-fail'
  | 'denied-by-unknown-fail'
  | 'aborted-by-policy-action'
  | 'invalid-policy-call';

/** All verdicts, in the original's numbering (0 to 6). */
export const VERDICTS: readonly Verdict[] = [
  'accepted',
  'denied-by-policy',
  'denied-by-limit',
  'denied-by-connection-fail',
  'denied-by-unknown-fail',
  'aborted-by-policy-action',
  'invalid-policy-call',
];
