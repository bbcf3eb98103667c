// What is asked of the certificate of a peer.

import { z } from 'zod';
import { registerLiveInput } from '../proxy/live-input.ts';
import { declare } from '../proxy/policy-fault.ts';
import { anyNumberOf } from './fields.ts';
import { listFile } from './matcher.ts';
import { PemFile } from './pem-files.ts';

/** What is asked of certificates on both sides. Paths are absolute, or relative to the policy file. */
export interface VerifyOptions {
  /** Whether the chain must lead to a trusted authority. Default: true. */
  readonly trusted?: boolean;
  /** PEM files with the trusted authorities, or folders of such files. They are read anew when they change. */
  readonly authorities?: string | readonly string[];
  /** The longest chain, the certificate of the peer not counted. Default: 4, as in the original. */
  readonly maxDepth?: number;
  /** PEM files with revocation lists, or folders of them, read anew when they change. With any, every authority needs one. Default: none. */
  readonly revocationLists?: string | readonly string[];
  /** Let an authority pass for which there is no revocation list. The peer then counts as untrusted. Default: false. */
  readonly permitMissingRevocationList?: boolean;
  /** With `trusted: false`, let certificates pass that have expired or are invalid otherwise. Default: false. */
  readonly permitInvalidCertificates?: boolean;
}

/** What is asked of the certificates of servers. Without `authorities` those of the system are trusted. */
export interface ServerVerifyOptions extends VerifyOptions {
  /** Whether the certificate must be for the server that is meant (RFC 9525: names and addresses of subjectAltName). Default: true. */
  readonly checkName?: boolean;
  /**
   * Certificates that certain servers must show, and which are trusted then whatever else is wrong with them: by name, or by
   * address and port (`192.0.2.1:443`), the path of a PEM file. Default: none.
   */
  readonly pinned?: Readonly<Record<string, string>>;
  /**
   * Whether servers are asked for a fresh word of their authority that their certificate is not revoked (stapled OCSP, RFC 6066, 8):
   * `check` what they send, and demand it of certificates that say so themselves (RFC 7633), `require` it of all, or `off`. Default:
   * `'check'`.
   */
  readonly ocsp?: OcspDemand;
}

/** What is asked of servers about stapled OCSP. */
export type OcspDemand = 'check' | 'require' | 'off';

/** What is asked of the certificates of clients. `authorities` has no default. */
export interface ClientVerifyOptions extends VerifyOptions {
  /** Whether a client must show a certificate. Default: true. */
  readonly required?: boolean;
}

/** Checked demands. */
export interface CertificateVerifier {
  readonly required: boolean;
  readonly trusted: boolean;
  /** Empty: the authorities of the system. */
  readonly authorities: readonly PemFile[];
  readonly maxDepth: number;
  readonly revocationLists: readonly PemFile[];
  readonly permitMissingRevocationList: boolean;
  readonly permitInvalidCertificates: boolean;
  readonly checkName: boolean;
  readonly pinned: ReadonlyMap<string, PemFile>;
  /** Of clients: `off`. */
  readonly ocsp: OcspDemand;
}

const yesOrNo = z.boolean({ error: 'give true or false' });
const files = anyNumberOf(
  listFile,
  'give the path of a PEM file or of a folder of such files, or several',
);

const common = {
  trusted: yesOrNo.default(true),
  authorities: files.optional(),
  maxDepth: z
    .int({ error: 'give a whole number of 0 to 20' })
    .min(0, { error: 'give a whole number of 0 to 20' })
    .max(20, { error: 'give a whole number of 0 to 20' })
    .default(4),
  revocationLists: files.optional(),
  permitMissingRevocationList: yesOrNo.default(false),
  permitInvalidCertificates: yesOrNo.default(false),
};

const NEEDS_UNTRUSTED = {
  path: ['permitInvalidCertificates'],
  error: 'it counts only with trusted: false: write that, too, or remove it',
};

const SERVER_CURE =
  'give an object, such as { authorities: "our-authority.pem" }, or { trusted: false } to take any certificate';
const CLIENT_CURE = 'give an object, such as { authorities: "our-clients.pem" }';

/** The schema of demands on servers. */
export const serverVerify = z
  .strictObject(
    {
      ...common,
      checkName: yesOrNo.default(true),
      pinned: z
        .record(
          z.string().regex(/^[a-z0-9._:[\]-]+$/, {
            error: 'write a server as "www.example", in lower case, or as "192.0.2.1:443"',
          }),
          listFile,
        )
        .default({}),
      ocsp: z
        .enum(['check', 'require', 'off'], { error: 'give "check", "require" or "off"' })
        .default('check'),
    },
    { error: ({ code }) => (code === 'invalid_type' ? SERVER_CURE : undefined) },
  )
  .refine(soundInvalid, NEEDS_UNTRUSTED);

/** The schema of demands on clients. */
export const clientVerify = z
  .strictObject(
    { ...common, required: yesOrNo.default(true) },
    { error: ({ code }) => (code === 'invalid_type' ? CLIENT_CURE : undefined) },
  )
  .refine(soundInvalid, NEEDS_UNTRUSTED)
  .refine(({ trusted, authorities = [] }) => !trusted || authorities.length > 0, {
    path: ['authorities'],
    error:
      'give the authorities that sign certificates of clients: those of the system sign servers',
  });

function soundInvalid(given: { trusted: boolean; permitInvalidCertificates: boolean }): boolean {
  return !given.permitInvalidCertificates || !given.trusted;
}

/** The demands that options make; `factory` is the function of the vocabulary that was called with them. */
export function verifierOf(
  options: z.output<typeof serverVerify> | z.output<typeof clientVerify>,
  factory: (...parameters: never[]) => unknown,
): CertificateVerifier {
  const all: PemFile[] = [];
  const listed = (file: PemFile): PemFile => {
    all.push(file);
    return file;
  };
  const { authorities = [], revocationLists = [], ...rest } = options;
  const pinned = 'pinned' in rest ? Object.entries(rest.pinned) : [];
  const verifier: CertificateVerifier = {
    ...rest,
    required: 'required' in rest ? rest.required : true,
    checkName: 'checkName' in rest && rest.checkName,
    ocsp: 'ocsp' in rest ? rest.ocsp : 'off',
    authorities: authorities.map((path) =>
      listed(new PemFile(path, 'certificate', 'file-or-folder')),
    ),
    revocationLists: revocationLists.map((path) =>
      listed(new PemFile(path, 'revocation-list', 'file-or-folder')),
    ),
    pinned: new Map(
      pinned.map(([server, path]) => [server, listed(new PemFile(path, 'certificate'))]),
    ),
  };
  for (const { input } of all) registerLiveInput(declare(input, factory));
  return Object.freeze(verifier);
}
