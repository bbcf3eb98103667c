// How TLS is spoken on one side: versions, ciphers, time.

import { z } from 'zod';
import { milliseconds } from './fields.ts';

/** A version of TLS. The two old ones are broken in parts, and `zorp check` warns of them. */
export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

/** How TLS is spoken on one side. */
export interface TlsOptions {
  /** The oldest version. Default: `TLSv1.2`. */
  readonly minVersion?: TlsVersion;
  /** The newest version. Default: `TLSv1.3`. */
  readonly maxVersion?: TlsVersion;
  /** Cipher suites of TLS 1.2 and older, and of 1.3, as OpenSSL writes them, separated by `:`. Default: the strong ones of Node. */
  readonly ciphers?: string;
  /** Groups of the key exchange as OpenSSL writes them, separated by `:`. Default: those of OpenSSL. */
  readonly groups?: string;
  /** Application protocols (ALPN, RFC 7301) that are offered or accepted. Default: none. */
  readonly applicationProtocols?: readonly string[];
  /** How long the handshake may take. Default: 30000 ms. */
  readonly handshakeTimeoutMs?: number;
  /** How long a session may be resumed. Default: 300000 ms. */
  readonly sessionLifetimeMs?: number;
  /**
   * Whether a connection that ends without the closing alert of TLS has ended properly; otherwise it counts as broken off, since
   * whoever is on the way could have cut it (RFC 8446, 6.1). Default: false.
   */
  readonly permitTruncation?: boolean;
}

/** Checked options. */
export type CheckedTlsOptions = z.output<typeof tlsOptions>;

const VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;
const MAX_PROTOCOL_BYTES = 255; // RFC 7301, 3.1
const version = z.enum(VERSIONS, { error: `give one of ${VERSIONS.join(', ')}` });
const opensslList = z
  .string({ error: 'give names as OpenSSL writes them, separated by ":"' })
  .regex(/^[A-Za-z0-9_+@=!:-]+$/, { error: 'give names as OpenSSL writes them, separated by ":"' });

/** The schema of the options of a side. */
export const tlsOptions = z
  .strictObject({
    minVersion: version.default('TLSv1.2'),
    maxVersion: version.default('TLSv1.3'),
    ciphers: opensslList.optional(),
    groups: opensslList.optional(),
    applicationProtocols: z
      .array(
        z
          .string({ error: 'give names of protocols, such as "http/1.1"' })
          .min(1, { error: 'give names of protocols, such as "http/1.1"' })
          .max(MAX_PROTOCOL_BYTES, { error: 'a name has at most 255 bytes' }),
        { error: 'give a list of names, such as ["http/1.1"]' },
      )
      .readonly()
      .default([]),
    handshakeTimeoutMs: milliseconds.default(30_000),
    sessionLifetimeMs: milliseconds.default(300_000),
    permitTruncation: z.boolean({ error: 'give true or false' }).default(false),
  })
  .refine(
    ({ minVersion, maxVersion }) => VERSIONS.indexOf(minVersion) <= VERSIONS.indexOf(maxVersion),
    {
      path: ['maxVersion'],
      error: 'give a version that is not older than minVersion',
    },
  )
  .readonly();

/** The options where none are given. */
export const DEFAULT_TLS_OPTIONS: CheckedTlsOptions = Object.freeze(tlsOptions.parse({}));

/** Whether an old version is permitted that `zorp check` warns of. */
export function permitsOldVersions({ minVersion }: CheckedTlsOptions): boolean {
  return VERSIONS.indexOf(minVersion) < VERSIONS.indexOf('TLSv1.2');
}
