// How a client of each version is told what became of its request.

import type { ConnectFailure } from '../../proxy/engine.ts';
import { replyBytes as reply4 } from './socks4-messages.ts';
import type { Reply } from './socks5-messages.ts';
import { replyBytes as reply5, REPLIES, SOCKS5 } from './socks5-messages.ts';

/** The connection stands. */
export function grantedBytes(version: number): Uint8Array {
  return version === SOCKS5 ? reply5(REPLIES.succeeded) : reply4('granted');
}

/** There is none: as the failure says, or else as the status with which HTTP would tell it. */
export function refusedBytes(
  version: number,
  status: number,
  failure: ConnectFailure | undefined,
): Uint8Array {
  if (version !== SOCKS5) return reply4('rejected');
  return reply5(failure === undefined ? replyOfStatus(status) : replyOfFailure(failure));
}

const BY_REASON: Readonly<Record<string, Reply>> = {
  'connect.refused': REPLIES.refused,
  'connect.timeout': REPLIES.timedOut,
  'connect.unreachable': REPLIES.networkUnreachable,
  'resolve.unknown': REPLIES.hostUnreachable,
  'resolve.invalid': REPLIES.hostUnreachable,
  'resolve.timeout': REPLIES.hostUnreachable,
  'resolve.failed': REPLIES.hostUnreachable,
  'chainer.all-down': REPLIES.hostUnreachable,
};

function replyOfFailure({ reason, verdict }: ConnectFailure): Reply {
  return (
    BY_REASON[reason] ?? (verdict === 'denied-by-policy' ? REPLIES.notAllowed : REPLIES.failed)
  );
}

// 403: the policy says no; 407: it wants to know who asks, 429: and has heard too many guesses; 451: the law does (RFC 7725).
const NOT_ALLOWED: readonly number[] = [401, 403, 405, 407, 429, 451];

function replyOfStatus(status: number): Reply {
  return NOT_ALLOWED.includes(status) ? REPLIES.notAllowed : REPLIES.failed;
}
