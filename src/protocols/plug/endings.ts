// How a plug ends, in reason codes and words.

import type { CopyingEnding, CopyingEndings } from '../../proxy/copying.ts';
import type { Port } from '../../proxy/engine.ts';
import { lossOf } from '../../proxy/truncation.ts';

/** The endings of a plug whose bytes pass straight through. */
export const ENDINGS: CopyingEndings = {
  ended: { client: endedBy('client'), server: endedBy('server') },
  bothEnded: accepted('plug.both-ended', 'Both sides ended the connection'),
  timedOut: accepted('plug.timeout', 'Nothing moved for as long as the policy allows'),
  broken: brokenBy,
};

/** The ports of all flows of a client over UDP are gone. */
export const FLOWS_ENDED = accepted('plug.flows-ended', 'The ports of all flows were closed');

/** The policy function that watches the session has said so. */
export const STATISTICS_REFUSED: CopyingEnding = {
  verdict: 'aborted-by-policy-action',
  reason: 'plug.statistics-refused',
  message: 'The policy ended the connection because of its statistics',
};

/** A port has ended, and that is enough. */
export function endedBy(port: Port): CopyingEnding {
  return accepted(`plug.${port}-ended`, `The ${port} ended the connection`);
}

/** A port broke off with an error. */
export function brokenBy(port: Port, error: string): CopyingEnding {
  return accepted(`plug.${port}-${lossOf(error)}`, `The ${port} broke the connection off`);
}

function accepted(reason: string, message: string): CopyingEnding {
  return { verdict: 'accepted', reason, message };
}
