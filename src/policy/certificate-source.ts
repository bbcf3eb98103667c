// Which certificate Zorp shows: one of files, the one of several that fits the name that the client asks for, or one that
// is made when it is needed.

import { z } from 'zod';
import { registerLiveInput } from '../proxy/live-input.ts';
import type { AnyMatcher } from '../proxy/matcher.ts';
import { askMatcher, hostMatcher } from '../proxy/matcher.ts';
import { registerOptions } from '../proxy/option-owners.ts';
import type { Fault } from '../proxy/policy-fault.ts';
import { checkSettings, declare } from '../proxy/policy-fault.ts';
import { DEFAULT_EXTENSIONS, extensionList } from './certificate-extensions.ts';
import type { CertificateText } from './pem-files.ts';
import { CertificateFiles } from './pem-files.ts';
import { objectOf } from './fields.ts';
import { listFile } from './matcher.ts';

/** Options of `staticCertificate`. Paths are absolute, or relative to the policy file. */
export interface StaticCertificateOptions {
  /** A PEM file: the certificate, and behind it those that lead to its root, if any. */
  readonly certificate: string;
  /** A PEM file with the private key of the certificate. */
  readonly privateKey: string;
  /** A file whose first line decrypts the private key. Default: the key is not encrypted. */
  readonly passphraseFile?: string;
}

/** One certificate of files. */
export interface StaticCertificate {
  readonly kind: 'certificate';
  readonly type: 'static';
  readonly certificateFile: string;
  readonly privateKeyFile: string;
  /** As the files are now. Throws until they were read. */
  text(): CertificateText;
  /** Another number whenever one of the files was read. */
  version(): number;
}

/** One line of `sniCertificates`. */
export interface NamedCertificate {
  /** Is asked about the name of the server, in lower case. */
  readonly serverName: AnyMatcher;
  readonly certificate: StaticCertificate;
}

/** Options of `sniCertificates`. */
export interface SniCertificatesOptions {
  /** The first line whose matcher matches wins. */
  readonly certificates: readonly NamedCertificate[];
  /** For clients that name no server, or one that no line matches. Default: they are refused. */
  readonly default?: StaticCertificate;
}

/** Certificates by the name that the client asks for. */
export interface SniCertificates {
  readonly kind: 'certificate';
  readonly type: 'sni';
  readonly certificates: readonly NamedCertificate[];
  readonly default: StaticCertificate | undefined;
}

/** Options of `dynamicCertificate`. */
export interface DynamicCertificateOptions {
  /** Signs certificates for servers that are trusted: clients must trust it. */
  readonly authority: StaticCertificateOptions;
  /**
   * Signs certificates for servers that are not trusted: clients must not trust it, so that they warn. Default: connections
   * to such servers are refused, without a word of why.
   */
  readonly untrustedAuthority?: StaticCertificateOptions;
  /**
   * The extensions that are carried over, critical or not, if the certificate of the server has them: names as OpenSSL has
   * them, or object identifiers. All others are left out. Default: `['subjectAltName', 'extendedKeyUsage']`.
   */
  readonly extensionWhitelist?: readonly string[];
  /**
   * A folder, by its absolute path, where made certificates are kept for 30 days at most, so that clients are shown the same
   * ones after a start and by other processes. Only the user that Zorp runs as may enter it. Default: they are kept in
   * memory only.
   */
  readonly cacheDirectory?: string;
}

/** Certificates that are made when they are needed: what that of the server says, signed by an authority of our own. */
export interface DynamicCertificate {
  readonly kind: 'certificate';
  readonly type: 'dynamic';
  readonly authority: StaticCertificate;
  readonly untrustedAuthority: StaticCertificate | undefined;
  /** Object identifiers of what is carried over. */
  readonly carriedOver: readonly string[];
  readonly cacheDirectory: string | undefined;
}

/** Where the certificate comes from that a client is shown. */
export type CertificateSource = StaticCertificate | SniCertificates | DynamicCertificate;

const filesSchema = z.strictObject({
  certificate: listFile,
  privateKey: listFile,
  passphraseFile: listFile.optional(),
});
registerOptions('staticCertificate', filesSchema);
const NO_FILES = { certificate: 'none', privateKey: 'none' };

/**
 * A certificate of files, which are read anew when they change. A file that cannot be read, a key that does not fit, and a
 * certificate that is not valid any more refuse the policy; while it runs, what was good before stays.
 * @example staticCertificate({ certificate: 'www.pem', privateKey: 'www.key' })
 */
export function staticCertificate(options: StaticCertificateOptions): StaticCertificate {
  const { settings, faults } = checkSettings(filesSchema, options, NO_FILES);
  return certificateOfFiles(settings, staticCertificate, faults);
}

/** A certificate of files that were checked; they are read if nothing is wrong. */
function certificateOfFiles(
  paths: z.output<typeof filesSchema>,
  factory: (...parameters: never[]) => unknown,
  faults: readonly Fault[],
): StaticCertificate {
  const files = new CertificateFiles(paths);
  if (faults.length === 0)
    for (const { input } of files.files) registerLiveInput(declare(input, factory));
  const made: StaticCertificate = {
    kind: 'certificate',
    type: 'static',
    certificateFile: paths.certificate,
    privateKeyFile: paths.privateKey,
    text: () => files.text(),
    version: () => files.version,
  };
  return declare(made, factory, faults);
}

const FOLDER_CURE = 'give the absolute path of a folder, such as /var/lib/zorp/certificates';
const dynamicSchema = z.strictObject({
  authority: filesSchema,
  untrustedAuthority: filesSchema.optional(),
  extensionWhitelist: extensionList.prefault([...DEFAULT_EXTENSIONS]),
  cacheDirectory: z
    .string({ error: FOLDER_CURE })
    .regex(/^\/[^\0]*$/, { error: FOLDER_CURE })
    .optional(),
});
registerOptions('dynamicCertificate', dynamicSchema);

/**
 * Certificates made on the fly, for `twoSidedEncryption`: the server is connected first, and the client is shown what its
 * certificate says, signed by the authority, or by the untrusted one where the server is not trusted. `zorp ca init` makes both.
 * @example dynamicCertificate({ authority: { certificate: 'ca/trusted.pem', privateKey: 'ca/trusted.key' }, untrustedAuthority: { certificate: 'ca/untrusted.pem', privateKey: 'ca/untrusted.key' } })
 */
export function dynamicCertificate(options: DynamicCertificateOptions): DynamicCertificate {
  const { settings, faults } = checkSettings(dynamicSchema, options, {
    authority: NO_FILES,
    extensionWhitelist: [...DEFAULT_EXTENSIONS],
  });
  const made = (paths: z.output<typeof filesSchema>): StaticCertificate =>
    certificateOfFiles(paths, dynamicCertificate, faults);
  const { authority, untrustedAuthority, extensionWhitelist: carriedOver } = settings;
  const source: DynamicCertificate = {
    kind: 'certificate',
    type: 'dynamic',
    authority: made(authority),
    untrustedAuthority: untrustedAuthority === undefined ? undefined : made(untrustedAuthority),
    carriedOver,
    cacheDirectory: settings.cacheDirectory,
  };
  return declare(source, dynamicCertificate, faults);
}

/** Stands in for a certificate that is missing: it is never used, since the policy is refused. */
export const NO_CERTIFICATE: StaticCertificate = declare(
  {
    kind: 'certificate',
    type: 'static',
    certificateFile: 'none',
    privateKeyFile: 'none',
    text: () => {
      throw new Error('there is no certificate');
    },
    version: () => 0,
  },
  staticCertificate,
);

const STATIC_CURE = 'give a certificate: staticCertificate({ certificate, privateKey })';
const staticObject = objectOf<CertificateSource>(['certificate'], STATIC_CURE).refine(
  (source): source is StaticCertificate => source.type === 'static',
  { error: STATIC_CURE },
);

const sniSchema = z.strictObject({
  certificates: z
    .array(z.strictObject({ serverName: hostMatcher, certificate: staticObject }).readonly(), {
      error:
        'give a list: [{ serverName: domainMatcher({ ... }), certificate: staticCertificate({ ... }) }]',
    })
    .min(1, { error: 'give at least one line' })
    .readonly(),
  default: staticObject.optional(),
});
registerOptions('sniCertificates', sniSchema);

/**
 * Certificates by the name that the client asks for (SNI): the first line that matches wins.
 * @example sniCertificates({ certificates: [{ serverName: domainMatcher({ domains: ['shop.example'] }), certificate: shop }], default: www })
 */
export function sniCertificates(options: SniCertificatesOptions): SniCertificates {
  const { settings, faults } = checkSettings(sniSchema, options, {
    certificates: [{ serverName: () => false, certificate: NO_CERTIFICATE }],
  });
  const made: SniCertificates = {
    kind: 'certificate',
    type: 'sni',
    certificates: settings.certificates,
    default: settings.default,
  };
  return declare(made, sniCertificates, faults);
}

/** A source of certificates, as a field of an encryption policy. */
export const certificateSource = objectOf<CertificateSource>(
  ['certificate'],
  'give a certificate: staticCertificate({ certificate, privateKey }), sniCertificates({ ... }), or dynamicCertificate({ ... })',
);

/**
 * The certificate for a client that asks for this server, in lower case, or for none; undefined if it is shown none.
 * One that is made on the fly is not here: it is for who knows the server.
 */
export function certificateFor(
  source: CertificateSource,
  serverName: string | undefined,
): StaticCertificate | undefined {
  if (source.type === 'static') return source;
  if (source.type === 'dynamic') return undefined;
  if (serverName === undefined) return source.default;
  const line = source.certificates.find(({ serverName: matcher }) =>
    askMatcher('certificate by name', matcher, serverName),
  );
  return line?.certificate ?? source.default;
}

/** All certificates that clients may be shown as they are, each once. */
export function certificatesOf(source: CertificateSource): readonly StaticCertificate[] {
  if (source.type === 'dynamic') return [];
  if (source.type === 'static') return [source];
  const last = source.default === undefined ? [] : [source.default];
  return [...new Set([...source.certificates.map(({ certificate }) => certificate), ...last])];
}
