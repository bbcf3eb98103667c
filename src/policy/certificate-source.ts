// Which certificate Zorp shows: one of files, or the one of several that fits the name that the client asks for.

import { z } from 'zod';
import { registerLiveInput } from '../proxy/live-input.ts';
import type { AnyMatcher } from '../proxy/matcher.ts';
import { anyMatcher, askMatcher } from '../proxy/matcher.ts';
import { checkSettings, declare } from '../proxy/policy-fault.ts';
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

/** Where the certificate comes from that a client is shown. */
export type CertificateSource = StaticCertificate | SniCertificates;

const staticSchema = z.strictObject({
  certificate: listFile,
  privateKey: listFile,
  passphraseFile: listFile.optional(),
});

/**
 * A certificate of files, which are read anew when they change. A file that cannot be read, a key that does not fit, and a
 * certificate that is not valid any more refuse the policy; while it runs, what was good before stays.
 * @example staticCertificate({ certificate: 'www.pem', privateKey: 'www.key' })
 */
export function staticCertificate(options: StaticCertificateOptions): StaticCertificate {
  const fallback = { certificate: 'none', privateKey: 'none' };
  const { settings, faults } = checkSettings(staticSchema, options, fallback);
  const files = new CertificateFiles(settings);
  if (faults.length === 0)
    for (const { input } of files.files) registerLiveInput(declare(input, staticCertificate));
  const made: StaticCertificate = {
    kind: 'certificate',
    type: 'static',
    certificateFile: settings.certificate,
    privateKeyFile: settings.privateKey,
    text: () => files.text(),
    version: () => files.version,
  };
  return declare(made, staticCertificate, faults);
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
    .array(z.strictObject({ serverName: anyMatcher, certificate: staticObject }).readonly(), {
      error:
        'give a list: [{ serverName: domainMatcher({ ... }), certificate: staticCertificate({ ... }) }]',
    })
    .min(1, { error: 'give at least one line' })
    .readonly(),
  default: staticObject.optional(),
});

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
  'give a certificate: staticCertificate({ certificate, privateKey }), or sniCertificates({ ... })',
);

/** The certificate for a client that asks for this server, in lower case, or for none; undefined if it is shown none. */
export function certificateFor(
  source: CertificateSource,
  serverName: string | undefined,
): StaticCertificate | undefined {
  if (source.type === 'static') return source;
  if (serverName === undefined) return source.default;
  const line = source.certificates.find(({ serverName: matcher }) =>
    askMatcher('certificate by name', matcher, serverName),
  );
  return line?.certificate ?? source.default;
}

/** All certificates of a source, each once. */
export function certificatesOf(source: CertificateSource): readonly StaticCertificate[] {
  if (source.type === 'static') return [source];
  const last = source.default === undefined ? [] : [source.default];
  return [...new Set([...source.certificates.map(({ certificate }) => certificate), ...last])];
}
