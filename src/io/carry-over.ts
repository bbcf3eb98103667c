// A certificate for clients with the contents of that of their server: one that was stored when it was made, if it is still
// what would be made, or a new one.

import type { CertificateParts } from '../keybridge/certificate-parts.ts';
import { readCertificate } from '../keybridge/certificate-parts.ts';
import type { Der } from '../keybridge/der-writer.ts';
import type { MadeCertificate, Resigning } from '../keybridge/server-certificate.ts';
import { checkResigned, resignCertificate } from '../keybridge/server-certificate.ts';
import type { CertificateFolder } from './certificate-folder.ts';
import { FOLDER_LIMITS } from './certificate-folder.ts';
import type { StoredCertificate } from './stored-certificate.ts';
import { readStored, storedName, writeStored } from './stored-certificate.ts';

/** A certificate, and when it was made. */
export interface TimedCertificate extends MadeCertificate {
  /** Milliseconds since 1970. */
  readonly madeAt: number;
}

/** What it is made with, and where it may be stored. */
export interface CarryingOver extends Resigning {
  readonly folder: Pick<CertificateFolder, 'read' | 'write'> | undefined;
}

/** The certificate. @throws NotDer for an original that cannot be carried over */
export function carryOver(original: Der, making: CarryingOver): TimedCertificate {
  const { authority, publicKey, carriedOver, folder, now } = making;
  const parts = readCertificate(original);
  if (folder === undefined) return { ...resignCertificate(parts, making), madeAt: now };
  const by = { authority: authority.fingerprint, publicKey, carriedOver };
  const name = storedName({ original, ...by });
  const stored = readStored(folder.read(name) ?? '');
  const known = stored === undefined ? undefined : usable(stored, parts, making);
  if (known !== undefined) return known;
  const made = { ...resignCertificate(parts, making), madeAt: now };
  folder.write(name, writeStored(made));
  return made;
}

/** One that was stored, if it is what would have been made then, and is still good. */
function usable(
  { madeAt, encoded }: StoredCertificate,
  original: CertificateParts,
  making: Resigning,
): TimedCertificate | undefined {
  if (madeAt > making.now) return undefined;
  const made = checkResigned(encoded, original, { ...making, now: madeAt });
  if (made === undefined) return undefined;
  const timed = { ...made, madeAt };
  return usableUntil(timed) > making.now ? timed : undefined;
}

/**
 * Until when it may be shown, in milliseconds since 1970, so that its dates never are too old. One that had expired with its
 * server when it was made is no worse later.
 */
export function usableUntil({ madeAt, validTo }: TimedCertificate): number {
  const until = madeAt + FOLDER_LIMITS.maxAgeMs;
  return validTo > madeAt ? Math.min(until, validTo) : until;
}
