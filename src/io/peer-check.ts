// Whether the peer of a handshake is good enough, whoever has led the handshake: what it has shown, with the lists and
// the staple.

import type { CertificateVerifier, PeerCertificate, TlsFailure } from '../session/tls-layer.ts';
import { findRevocation } from './revocation-list.ts';
import type { ServerVisit } from './server-visit.ts';
import { checkStaple } from './staple-check.ts';
import type { TlsContexts } from './tls-contexts.ts';
import type { ShownCertificate, Verified } from './verify-peer.ts';
import { verifyPeer } from './verify-peer.ts';

/** A handshake that is over, as far as the peer is concerned. */
export interface Handshaken {
  /** Undefined: nothing is asked of the peer. */
  readonly verifier: CertificateVerifier | undefined;
  /** Towards servers. */
  readonly visit: ServerVisit | undefined;
  readonly isResumed: boolean;
  /** What the peer has shown; undefined: nothing. */
  readonly shown: () => ShownCertificate | undefined;
}

/** What came of it. */
export type CheckedPeer =
  | { readonly ok: true; readonly peer: PeerCertificate | undefined }
  | { readonly ok: false; readonly failure: TlsFailure };

/**
 * Checks a peer; `now` in milliseconds since 1970.
 * @throws Error for a file that has become unreadable, such as that of a pinned certificate.
 */
export function checkPeer(
  handshaken: Handshaken,
  contexts: Pick<TlsContexts<WeakKey>, 'listsOf'>,
  now: number,
): CheckedPeer {
  const { visit, isResumed } = handshaken;
  const verified = visit?.resumed(isResumed) ?? verify(handshaken, contexts, now);
  if (verified.ok) visit?.accepted(verified.peer);
  return verified;
}

function verify(
  { verifier, visit, shown: look }: Handshaken,
  contexts: Pick<TlsContexts<WeakKey>, 'listsOf'>,
  now: number,
): Verified {
  if (verifier === undefined) return { ok: true, peer: undefined };
  const shown = look();
  const lists = contexts.listsOf(verifier);
  if (shown === undefined) return verifyPeer(shown, verifier, now);
  const found = {
    ...shown,
    ...(lists !== undefined && { revocation: findRevocation(shown.chain, lists, now) }),
    ...(verifier.ocsp !== 'off' && { staple: checkStaple(visit?.staple, shown.chain, now) }),
  };
  return verifyPeer(found, verifier, now, visit?.server);
}
