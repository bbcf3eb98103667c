// Certificates of servers by chance, written by a library that shares no code with ours: names of all kinds, dates from the
// past to the far future, extensions that are known and others that are not. Nobody has signed them.
import { generateKeyPairSync } from 'node:crypto';
import * as asn1js from 'asn1js';
import fc from 'fast-check';
import * as pkijs from 'pkijs';
import { toBytes } from './latin1.ts';

type SubjectValue =
  asn1js.Utf8String | asn1js.PrintableString | asn1js.BmpString | asn1js.IA5String;

/** What a certificate is to say. */
export interface RandomCertificate {
  readonly subject: readonly (readonly [identifier: string, value: SubjectValue])[];
  readonly names: readonly pkijs.GeneralName[];
  readonly namesAreCritical: boolean;
  /** Object identifiers; none: the extension is missing. */
  readonly purposes: readonly string[];
  readonly others: readonly RandomExtension[];
  /** Milliseconds since 1970, of whole seconds. */
  readonly validFrom: number;
  readonly validTo: number;
}

/** An extension that a certificate may have. */
export interface RandomExtension {
  readonly identifier: string;
  readonly isCritical: boolean;
  readonly value: Uint8Array;
}

const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const KEY = publicKey.export({ type: 'spki', format: 'der' });
const ECDSA_SHA384 = '1.2.840.10045.4.3.3';

/** The certificate in DER. */
export function writeCertificate(wish: RandomCertificate): Buffer {
  const certificate = new pkijs.Certificate();
  certificate.version = 2;
  certificate.serialNumber = new asn1js.Integer({ value: 4711 });
  for (const [type, value] of wish.subject)
    certificate.subject.typesAndValues.push(new pkijs.AttributeTypeAndValue({ type, value }));
  certificate.notBefore = timeOf(wish.validFrom);
  certificate.notAfter = timeOf(wish.validTo);
  certificate.subjectPublicKeyInfo = pkijs.PublicKeyInfo.fromBER(KEY);
  certificate.signature = new pkijs.AlgorithmIdentifier({ algorithmId: ECDSA_SHA384 });
  certificate.signatureAlgorithm = certificate.signature;
  certificate.signatureValue = new asn1js.BitString({ valueHex: new Uint8Array(8).buffer });
  certificate.extensions = extensionsOf(wish);
  return Buffer.from(certificate.toSchema(true).toBER());
}

function extensionsOf(wish: RandomCertificate): pkijs.Extension[] {
  const { names, namesAreCritical, purposes, others } = wish;
  const extensions = others.map(({ identifier, isCritical, value }) =>
    extension(identifier, isCritical, Uint8Array.from(value).buffer),
  );
  if (names.length > 0) {
    const value = new pkijs.GeneralNames({ names: [...names] }).toSchema().toBER();
    extensions.push(extension('2.5.29.17', namesAreCritical, value));
  }
  if (purposes.length > 0) {
    const value = new pkijs.ExtKeyUsage({ keyPurposes: [...purposes] }).toSchema().toBER();
    extensions.unshift(extension('2.5.29.37', false, value));
  }
  return extensions;
}

function extension(extnID: string, critical: boolean, extnValue: ArrayBuffer): pkijs.Extension {
  return new pkijs.Extension({ extnID, critical, extnValue });
}

const UTC_TIME = { from: Date.UTC(1950, 0), to: Date.UTC(2050, 0) };

function timeOf(at: number): pkijs.Time {
  const isShort = at >= UTC_TIME.from && at < UTC_TIME.to;
  const type = isShort ? pkijs.TimeType.UTCTime : pkijs.TimeType.GeneralizedTime;
  return new pkijs.Time({ type, value: new Date(at) });
}

const label = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,10}[a-z0-9])?$/);
const hostName = fc
  .array(label, { minLength: 1, maxLength: 4 })
  .map((labels) => [...labels, 'example'].join('.'));
/** Names of hosts; those that are not of ASCII are in their form for the DNS, `xn--`. */
export const hostNames: fc.Arbitrary<string> = fc.oneof(
  hostName,
  hostName.map((name) => `*.${name}`),
  fc.constantFrom('xn--bcher-kva.example', 'xn--80ak6aa92e.example', '*.xn--fiqs8s', 'localhost'),
);

const people = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
  fc.constantFrom('Bücher & Söhne, "R+D" <x>', '北京', 'Ελλάδα', '=#;\\', ' blank '),
);
const subjectPart = fc.oneof(
  fc.tuple(
    fc.constantFrom('2.5.4.3', '2.5.4.10', '2.5.4.11', '2.5.4.7', '1.3.6.1.4.1.311.60.2.1.2'),
    fc.oneof(
      people.map((value) => new asn1js.Utf8String({ value })),
      hostName.map((value) => new asn1js.PrintableString({ value })),
      people.map((value) => new asn1js.BmpString({ value: value.replace(/[^\0-\ud7ff]/g, '?') })),
    ),
  ),
  fc.tuple(fc.constant('2.5.4.6'), fc.constant(new asn1js.PrintableString({ value: 'DE' }))),
  fc.tuple(
    fc.constant('1.2.840.113549.1.9.1'),
    hostName.map((host) => new asn1js.IA5String({ value: `it@${host}` })),
  ),
);

const address = fc.oneof(
  fc.uint8Array({ minLength: 4, maxLength: 4 }),
  fc.uint8Array({ minLength: 16, maxLength: 16 }),
);
const name = fc.oneof(
  { weight: 4, arbitrary: hostNames.map((value) => new pkijs.GeneralName({ type: 2, value })) },
  {
    weight: 2,
    arbitrary: address.map(
      (bytes) =>
        new pkijs.GeneralName({
          type: 7,
          value: new asn1js.OctetString({ valueHex: Uint8Array.from(bytes).buffer }),
        }),
    ),
  },
  hostName.map((host) => new pkijs.GeneralName({ type: 6, value: `https://${host}/` })),
  hostName.map((host) => new pkijs.GeneralName({ type: 1, value: `it@${host}` })),
  subjectPart.map(([type, value]) => {
    const typesAndValues = [new pkijs.AttributeTypeAndValue({ type, value })];
    const full = new pkijs.RelativeDistinguishedNames({ typesAndValues });
    return new pkijs.GeneralName({ type: 4, value: full });
  }),
);

/** Extensions that most certificates have, others that none should have, and private ones. */
const OTHERS: Readonly<Record<string, string>> = {
  '2.5.29.19': '\x30\x03\x01\x01\xff', // basicConstraints, CA:TRUE
  '2.5.29.15': '\x03\x02\x01\x06', // keyUsage: signs certificates
  '2.5.29.14': '\x04\x04abcd', // the identifier of another key
  '2.5.29.35': '\x30\x06\x80\x04abcd',
  '2.5.29.30': '\x30\x0a\xa0\x08\x30\x06\x82\x04none', // nameConstraints
  '2.5.29.32': '\x30\x06\x30\x04\x06\x02\x2a\x03', // certificatePolicies
  '2.5.29.36': '\x30\x03\x80\x01\x00', // policyConstraints
  '1.3.6.1.5.5.7.1.1': '\x30\x00', // authorityInfoAccess
  '1.3.6.1.5.5.7.1.24': '\x30\x03\x02\x01\x05', // a stapled answer must come
  '1.3.6.1.4.1.11129.2.4.2': '\x04\x02\x00\x00', // timestamps of logs
  '1.3.6.1.4.1.99999.1': '\x0c\x04text',
  '2.25.340282366920938463463374607431768211455': '\x05\x00', // of a UUID
};
const others = fc.subarray(Object.entries(OTHERS)).chain((chosen) =>
  fc.tuple(
    ...chosen.map(([identifier, value]) =>
      fc.boolean().map((isCritical): RandomExtension => ({
        identifier,
        isCritical,
        value: toBytes(value),
      })),
    ),
  ),
);

const PURPOSES = ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2', '1.3.6.1.4.1.311.10.3.3'];

function second(from: string, to: string): fc.Arbitrary<number> {
  const [min, max] = [Date.parse(from) / 1000, Date.parse(to) / 1000];
  return fc.integer({ min, max }).map((at) => at * 1000);
}

/** Whatever a server may show. */
export const randomCertificates: fc.Arbitrary<RandomCertificate> = fc.record({
  subject: fc.array(subjectPart, { maxLength: 4 }),
  names: fc.array(name, { maxLength: 8 }),
  namesAreCritical: fc.boolean(),
  purposes: fc.subarray(PURPOSES),
  others,
  validFrom: second('1990-01-01T00:00:00Z', '2080-01-01T00:00:00Z'),
  validTo: second('1990-01-01T00:00:00Z', '9999-12-31T23:59:59Z'),
});

/** Those of good servers: valid at this time, with a name, for servers. */
export function goodCertificates(now: number): fc.Arbitrary<RandomCertificate> {
  const day = 86_400_000;
  const days = (min: number, max: number): fc.Arbitrary<number> =>
    fc.integer({ min, max }).map((count) => now + count * day);
  return fc.record({
    subject: fc.array(subjectPart, { maxLength: 4 }),
    names: fc.array(name, { minLength: 1, maxLength: 8 }),
    namesAreCritical: fc.boolean(),
    purposes: fc.subarray(PURPOSES.slice(1)).map((more) => [...PURPOSES.slice(0, 1), ...more]),
    others,
    validFrom: days(-1000, -1),
    validTo: days(1, 20_000),
  });
}
