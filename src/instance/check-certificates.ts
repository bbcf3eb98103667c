// Whether the certificates of a policy can be used, before it is: each fits its key, is valid now, and OpenSSL accepts it
// with everything that the policy says of it.

import { X509Certificate } from 'node:crypto';
import { nodeContexts } from '../io/node-contexts.ts';
import { TlsContexts } from '../io/tls-contexts.ts';
import { NoAuthority, readAuthority } from '../keybridge/authority.ts';
import type { StaticCertificate } from '../policy/certificate-source.ts';
import { certificatesOf } from '../policy/certificate-source.ts';
import type { Encryption } from '../policy/encryption.ts';
import { dynamicSource } from '../policy/encryption.ts';
import type { Policy } from '../policy/policy.ts';
import { sourceOf } from '../proxy/source-location.ts';
import type { LoadFault } from './load-fault.ts';
import { PolicyLoadError } from './load-fault.ts';

/** @throws PolicyLoadError saying everything that is wrong with any of them. The files must have been read. */
export function checkCertificates(policy: Policy, now: number): void {
  const faults = new Map<object, LoadFault>();
  for (const service of policy.services) {
    if (service.kind !== 'service' || service.encryption === undefined) continue;
    for (const { blamed, problem } of problemsOf(service.encryption, now))
      if (!faults.has(blamed)) faults.set(blamed, faultAt(blamed, problem));
  }
  if (faults.size > 0) throw new PolicyLoadError([...faults.values()]);
}

interface Problem {
  readonly message: string;
  readonly cure: string;
}

interface Blame {
  /** What the policy has made and the problem is of. */
  readonly blamed: object;
  readonly problem: Problem;
}

function problemsOf(encryption: Encryption, now: number): readonly Blame[] {
  const { client, server } = encryption;
  const contexts = new TlsContexts(nodeContexts, () => undefined);
  const tries: { readonly blamed: object; readonly attempt: () => unknown }[] = [];
  if (client !== undefined)
    for (const certificate of certificatesOf(client.certificate))
      tries.push({ blamed: certificate, attempt: () => contexts.ofClients(client, certificate) });
  if (client !== undefined && dynamicSource(encryption) !== undefined)
    tries.push({ blamed: encryption, attempt: () => contexts.ofClients(client, undefined) });
  if (server !== undefined)
    tries.push({
      blamed: server.certificate ?? encryption,
      attempt: () => contexts.ofServers(server),
    });
  const authorities = authoritiesOf(encryption).flatMap((blamed) => {
    const problem = authorityProblem(blamed, now);
    return problem === undefined ? [] : [{ blamed, problem }];
  });
  const others = tries.flatMap(({ blamed, attempt }) => {
    const problem =
      failureOf(attempt) ?? (isCertificate(blamed) ? datesOf(blamed, now) : undefined);
    return problem === undefined ? [] : [{ blamed, problem }];
  });
  return [...authorities, ...others];
}

/** The authorities of certificates that are made on the fly. */
function authoritiesOf(encryption: Encryption): readonly StaticCertificate[] {
  const source = dynamicSource(encryption);
  if (source === undefined) return [];
  const { authority, untrustedAuthority } = source;
  return untrustedAuthority === undefined ? [authority] : [authority, untrustedAuthority];
}

function authorityProblem(files: StaticCertificate, now: number): Problem | undefined {
  try {
    readAuthority(files.text(), now);
    return undefined;
  } catch (error) {
    if (error instanceof NoAuthority) return { message: error.message, cure: error.cure };
    return { message: `cannot be used: ${String(error)}`, cure: ANY_CURE };
  }
}

function isCertificate(blamed: object): blamed is StaticCertificate {
  return 'kind' in blamed && blamed.kind === 'certificate';
}

/** What OpenSSL says, and what to do about it. */
const CURES: readonly (readonly [pattern: RegExp, cure: string])[] = [
  [/KEY_VALUES_MISMATCH/, 'give the private key that the certificate was made for'],
  [
    /BAD_DECRYPT|INTERRUPTED_OR_CANCELLED|PASSWORD|DECODER|UNSUPPORTED/,
    'give the right passphraseFile, or a key in PEM form',
  ],
  [/BAD_(?:BASE64|END_LINE)|PEM|ASN1/, 'give a file that is whole: it is cut off, or not PEM'],
  [
    /TOO_SMALL|TOO_WEAK/,
    'make one with RSA of 2048 bits or more, or with P-256, signed with SHA-256',
  ],
  [/CIPHER/, 'correct ciphers'],
  [/CURVE|GROUP/, 'correct groups'],
];
const ANY_CURE = 'correct the files, or what the encryption policy says of TLS';

function failureOf(attempt: () => unknown): Problem | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const told = error instanceof Error ? error.message : String(error);
    const cure = CURES.find(([pattern]) => pattern.test(code))?.[1] ?? ANY_CURE;
    return { message: `cannot be used: ${told.replace(/^error:[0-9A-F]+:/, '')}`, cure };
  }
}

function datesOf(certificate: StaticCertificate, now: number): Problem | undefined {
  const { validFromDate, validToDate } = new X509Certificate(certificate.text().certificate);
  const message = `is valid from ${validFromDate.toISOString()} to ${validToDate.toISOString()} only`;
  if (validToDate.getTime() < now) return { message, cure: 'give one that has not expired' };
  if (validFromDate.getTime() > now)
    return { message, cure: 'give one that is valid, or correct the clock of this machine' };
  return undefined;
}

function faultAt(blamed: object, { message, cure }: Problem): LoadFault {
  const { file, line, column } = sourceOf(blamed) ?? {};
  const name = isCertificate(blamed)
    ? `certificate ${blamed.certificateFile} with key ${blamed.privateKeyFile}`
    : 'the encryption policy';
  return { code: 'policy.certificate', file, line, column, message: `${name} ${message}`, cure };
}
