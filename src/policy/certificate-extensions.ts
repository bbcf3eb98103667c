// The extensions of a certificate that may be carried over to one that is made in its place, by the names that RFCs and
// OpenSSL have for them.

import { z } from 'zod';

const NAMES: Readonly<Record<string, string>> = {
  subjectAltName: '2.5.29.17',
  extendedKeyUsage: '2.5.29.37',
  certificatePolicies: '2.5.29.32',
  subjectDirectoryAttributes: '2.5.29.9',
  nsComment: '2.16.840.1.113730.1.13',
  qcStatements: '1.3.6.1.5.5.7.1.3',
};

/** Those that are said of another authority or of another key, and why they would be wrong here. */
const REFUSED: Readonly<Record<string, string>> = {
  keyUsage: '2.5.29.15',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  policyConstraints: '2.5.29.36',
  policyMappings: '2.5.29.33',
  inhibitAnyPolicy: '2.5.29.54',
  subjectKeyIdentifier: '2.5.29.14',
  authorityKeyIdentifier: '2.5.29.35',
  issuerAltName: '2.5.29.18',
  privateKeyUsagePeriod: '2.5.29.16',
  crlDistributionPoints: '2.5.29.31',
  freshestCRL: '2.5.29.46',
  authorityInfoAccess: '1.3.6.1.5.5.7.1.1',
  subjectInfoAccess: '1.3.6.1.5.5.7.1.11',
  tlsfeature: '1.3.6.1.5.5.7.1.24',
  noCheck: '1.3.6.1.5.5.7.48.1.5',
  ct_precert_scts: '1.3.6.1.4.1.11129.2.4.2',
  ct_precert_poison: '1.3.6.1.4.1.11129.2.4.3',
};

/** What is carried over unless the policy says otherwise. */
export const DEFAULT_EXTENSIONS = ['subjectAltName', 'extendedKeyUsage'] as const;

const IDENTIFIER = /^[0-2](?:\.(?:0|[1-9]\d{0,38})){1,15}$/;
const MAX_LISTED = 32; // of the 64 that a certificate may have, most are of the other kind
const NAME_CURE = `give ${Object.keys(NAMES).join(', ')}, or an object identifier such as 1.3.6.1.4.1.99999.1`;
const REFUSED_CURE =
  'leave it out: it is said of the other authority or its key, and Zorp gives the certificate its own';
const FORBIDDEN = new Set(Object.entries(REFUSED).flat());

/** The list of an option: names in, object identifiers out, each once. Names of servers must be on it. */
export const extensionList = z
  .array(
    z
      .string({ error: NAME_CURE })
      .refine((name) => !FORBIDDEN.has(name), { error: REFUSED_CURE, abort: true })
      .refine((name) => Object.hasOwn(NAMES, name) || IDENTIFIER.test(name), { error: NAME_CURE }),
    { error: `give a list: ['${DEFAULT_EXTENSIONS.join("', '")}']` },
  )
  .max(MAX_LISTED, { error: `give at most ${MAX_LISTED}` })
  .refine((list) => list.some((name) => identifierOf(name) === NAMES['subjectAltName']), {
    error: 'add subjectAltName: clients compare the names in it with that of the server',
  })
  .transform((list): readonly string[] => [...new Set(list.map(identifierOf))]);

function identifierOf(name: string): string {
  return NAMES[name] ?? name;
}
