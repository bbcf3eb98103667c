// Recognises TLS by the certificate that the server shows: what a client asks for may be a lie, what the server answers is
// what the client gets. The visit to the server is not made here.

import { z } from 'zod';
import type { Detection, Detector, DetectorInput } from '../../proxy/detector.ts';
import type { Bytes } from '../../proxy/engine.ts';
import type { AnyMatcher } from '../../proxy/matcher.ts';
import { anyMatcher, askMatcher, explainMatcher, hostMatcher } from '../../proxy/matcher.ts';
import { registerOptions } from '../../proxy/option-owners.ts';
import { checkSettings, declare } from '../../proxy/policy-fault.ts';
import type { SeenCertificate } from '../../proxy/tls-facts.ts';
import { readClientHello } from './client-hello.ts';

/** Settings of `certificateDetector`: at least one of the first four; a certificate must satisfy all that are given. */
export interface CertificateDetectorOptions {
  /** Is asked about each name and address of subjectAltName, in lower case, such as `*.bank.example`: one must match. */
  readonly hostName?: AnyMatcher;
  /** Is asked about the subject, one line such as `CN=www.bank.example, O=Bank`. */
  readonly subject?: AnyMatcher;
  /** Is asked about the issuer, in the same form. */
  readonly issuer?: AnyMatcher;
  /** SHA-256 of the certificates that count, hexadecimal, with or without colons. */
  readonly fingerprints?: readonly string[];
  /**
   * Whether an authority of the system must vouch for the certificate: anybody can write a certificate with any name.
   * Certificates that `fingerprints` names need none. Default: true.
   */
  readonly trusted?: boolean;
}

const FINGERPRINT_CURE =
  'give SHA-256 fingerprints, 64 hexadecimal digits with or without colons, as `openssl x509 -fingerprint -sha256` prints them';
const NOTHING_CURE = 'give hostName, subject, issuer or fingerprints';

const fingerprint = z
  .string({ error: FINGERPRINT_CURE })
  .transform((text) => text.replaceAll(':', '').toUpperCase())
  .refine((text) => /^[0-9A-F]{64}$/.test(text), { error: FINGERPRINT_CURE });

const schema = z
  .strictObject({
    hostName: hostMatcher.optional(),
    subject: anyMatcher.optional(),
    issuer: anyMatcher.optional(),
    fingerprints: z
      .array(fingerprint, { error: FINGERPRINT_CURE })
      .min(1, { error: FINGERPRINT_CURE })
      .readonly()
      .optional(),
    trusted: z.boolean({ error: 'give true or false' }).default(true),
  })
  .refine(
    ({ hostName, subject, issuer, fingerprints }) =>
      [hostName, subject, issuer, fingerprints].some(isGiven),
    { error: NOTHING_CURE },
  );

type Settings = z.output<typeof schema>;
registerOptions('certificateDetector', schema);

/**
 * Recognises TLS clients whose server shows a certificate that is asked for. Zorp visits the server for it, with the name that the
 * client asks for. A server that cannot be visited is not recognised.
 * @example detect: [{ detector: certificateDetector({ hostName: domainMatcher({ domains: ['bank.example'] }) }), service: untouched }]
 */
export function certificateDetector(options: CertificateDetectorOptions): Detector {
  const { settings, faults } = checkSettings(schema, options, { hostName: () => false });
  const made: Detector = {
    kind: 'detector',
    name: 'certificate',
    readsServer: false,
    detect: (side, bytes, input) => (side === 'client' ? detectHello(bytes, input) : 'no-match'),
    judgeCertificate: (certificate) => judge(settings, certificate),
    explain: () => explain(settings),
  };
  return declare(made, certificateDetector, faults);
}

function detectHello(bytes: Bytes, { isComplete }: DetectorInput): Detection {
  const { kind } = readClientHello(bytes);
  if (kind === 'incomplete') return isComplete ? 'no-match' : 'undecided';
  return kind === 'hello' ? 'certificate' : 'no-match';
}

function judge(settings: Settings, shown: SeenCertificate): boolean {
  const { hostName, subject, issuer, fingerprints, trusted } = settings;
  if (fingerprints?.includes(shown.fingerprint.replaceAll(':', '').toUpperCase()) === false)
    return false;
  if (trusted && fingerprints === undefined && !shown.isTrusted) return false;
  const asks = (matcher: AnyMatcher | undefined, texts: readonly string[]): boolean =>
    matcher === undefined ||
    texts.some((text) => askMatcher('certificate detector', matcher, text));
  return (
    asks(
      hostName,
      shown.names.map((name) => name.toLowerCase()),
    ) &&
    asks(subject, [shown.subject]) &&
    asks(issuer, [shown.issuer])
  );
}

function explain({ hostName, subject, issuer, fingerprints, trusted }: Settings): string {
  const parts = [
    hostName && `has a name that ${explainMatcher(hostName)}`,
    subject && `has a subject that ${explainMatcher(subject)}`,
    issuer && `has an issuer that ${explainMatcher(issuer)}`,
    fingerprints && `has one of ${fingerprints.length} fingerprints`,
    trusted && fingerprints === undefined && 'is trusted',
  ].filter(isGiven);
  return `the server that the client asks for by TLS shows a certificate that ${parts.join(' and ')}`;
}

function isGiven<Value>(value: Value | undefined | false): value is Value {
  return value !== undefined && value !== false;
}
