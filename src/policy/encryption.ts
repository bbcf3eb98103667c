// Encryption policies: on which sides of a service TLS is spoken, and how.

import { z } from 'zod';
import type { PeerSide } from '../proxy/engine.ts';
import { registerOptions } from '../proxy/option-owners.ts';
import { checkSettings, declare } from '../proxy/policy-fault.ts';
import type {
  CertificateSource,
  DynamicCertificate,
  StaticCertificate,
} from './certificate-source.ts';
import {
  certificateFor,
  certificateSource,
  certificatesOf,
  NO_CERTIFICATE,
} from './certificate-source.ts';
import type {
  CertificateVerifier,
  ClientVerifyOptions,
  ServerVerifyOptions,
} from './certificate-verifier.ts';
import { clientVerify, serverVerify, verifierOf } from './certificate-verifier.ts';
import type { CheckedTlsOptions, TlsOptions } from './tls-options.ts';
import { DEFAULT_TLS_OPTIONS, permitsOldVersions, tlsOptions } from './tls-options.ts';

/** Options of the side of clients. */
export interface ClientEncryptionOptions {
  /** The certificate that clients are shown. */
  readonly clientCertificate: CertificateSource;
  /** What is asked of certificates of clients. Default: none is asked for. */
  readonly clientVerify?: ClientVerifyOptions;
  readonly clientTls?: TlsOptions;
}

/** Options of the side of servers. */
export interface ServerEncryptionOptions {
  /** The certificate that is shown to servers that ask for one. Default: none. */
  readonly serverCertificate?: StaticCertificate;
  /**
   * The name that servers are asked for (SNI), and that their certificates must be for. Default: what the protocol calls the
   * server, else the name that the client asked for by TLS, else none: then the certificate must be for its address.
   */
  readonly serverName?: string;
  /** What is asked of certificates of servers. Default: an authority of the system vouches for the server's name. */
  readonly serverVerify?: ServerVerifyOptions;
  readonly serverTls?: TlsOptions;
}

/** Options of `twoSidedEncryption`. */
export interface TwoSidedEncryptionOptions
  extends ClientEncryptionOptions, ServerEncryptionOptions {}

/** TLS towards clients. */
export interface ClientEncryption {
  readonly certificate: CertificateSource;
  /**
   * The certificate for a client that asks for this server, in lower case, or for none. Undefined: it is refused.
   * @throws PolicyFault if a matcher of the policy fails.
   */
  certificateFor(serverName: string | undefined): StaticCertificate | undefined;
  readonly verifier: CertificateVerifier | undefined;
  readonly tls: CheckedTlsOptions;
}

/** TLS towards servers. */
export interface ServerEncryption {
  readonly serverName: string | undefined;
  readonly certificate: StaticCertificate | undefined;
  readonly verifier: CertificateVerifier;
  readonly tls: CheckedTlsOptions;
}

/** On which sides TLS is spoken. */
export interface Encryption {
  readonly kind: 'encryption';
  /** Undefined: plain text. */
  readonly client: ClientEncryption | undefined;
  readonly server: ServerEncryption | undefined;
  /** The sides that begin in plain text, until their protocol puts TLS on them (STARTTLS). */
  readonly startTls: readonly PeerSide[];
}

const NAME_CURE = 'give the name of a host, in lower case, such as "www.example"';

const clientFields = {
  clientCertificate: certificateSource.refine((source) => source.type !== 'dynamic', {
    error:
      'without TLS to the server there is no certificate to carry over: use twoSidedEncryption, or give a staticCertificate',
  }),
  clientVerify: clientVerify.optional(),
  clientTls: tlsOptions.optional(),
};
const serverFields = {
  serverCertificate: certificateSource
    .refine((source): source is StaticCertificate => source.type === 'static', {
      error: 'towards servers give one certificate: staticCertificate({ certificate, privateKey })',
    })
    .optional(),
  serverName: z
    .string({ error: NAME_CURE })
    .regex(/^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_-]{0,62}[a-z_]$/, {
      error: NAME_CURE,
    })
    .max(255, { error: NAME_CURE })
    .optional(),
  serverVerify: serverVerify.optional(),
  serverTls: tlsOptions.optional(),
};
const WITHOUT = { clientCertificate: NO_CERTIFICATE };
const clientSchema = z.strictObject(clientFields);
registerOptions('clientOnlyEncryption', clientSchema);
const serverSchema = z.strictObject(serverFields);
registerOptions('serverOnlyEncryption', serverSchema);
const twoSidedSchema = z.strictObject({
  ...clientFields,
  clientCertificate: certificateSource,
  ...serverFields,
});
registerOptions('twoSidedEncryption', twoSidedSchema);

/**
 * TLS with clients, plain text with servers: Zorp takes the work off a server, or looks into what is meant for it.
 * @example clientOnlyEncryption({ clientCertificate: staticCertificate({ certificate: 'www.pem', privateKey: 'www.key' }) })
 */
export function clientOnlyEncryption(options: ClientEncryptionOptions): Encryption {
  const { settings, faults } = checkSettings(clientSchema, options, WITHOUT);
  const client = faults.length === 0 ? clientSide(settings, clientOnlyEncryption) : undefined;
  return declare(encryptionOf(client, undefined), clientOnlyEncryption, faults);
}

/**
 * Plain text with clients, TLS with servers.
 * @example serverOnlyEncryption({ serverVerify: { authorities: 'our-authority.pem' } })
 */
export function serverOnlyEncryption(options: ServerEncryptionOptions = {}): Encryption {
  const { settings, faults } = checkSettings(serverSchema, options, {});
  const server = faults.length === 0 ? serverSide(settings, serverOnlyEncryption) : undefined;
  return declare(encryptionOf(undefined, server), serverOnlyEncryption, faults);
}

/**
 * TLS on both sides, and plain text for the proxy between them.
 * @example twoSidedEncryption({ clientCertificate: www, serverVerify: { authorities: 'our-authority.pem' } })
 */
export function twoSidedEncryption(options: TwoSidedEncryptionOptions): Encryption {
  return bothSides(options, twoSidedEncryption, []);
}

/**
 * Clients begin in plain text and may put TLS on it (STARTTLS); plain text with servers. For proxies whose protocol has such a
 * command, such as `customProxy`.
 * @example clientOnlyStartTlsEncryption({ clientCertificate: www })
 */
export function clientOnlyStartTlsEncryption(options: ClientEncryptionOptions): Encryption {
  const { settings, faults } = checkSettings(clientSchema, options, WITHOUT);
  const factory = clientOnlyStartTlsEncryption;
  const client = faults.length === 0 ? clientSide(settings, factory) : undefined;
  return declare(encryptionOf(client, undefined, ['client']), factory, faults);
}

/**
 * Clients begin in plain text and may put TLS on it (STARTTLS); TLS with servers from the beginning.
 * @example fakeStartTlsEncryption({ clientCertificate: www })
 */
export function fakeStartTlsEncryption(options: TwoSidedEncryptionOptions): Encryption {
  return bothSides(options, fakeStartTlsEncryption, ['client']);
}

/**
 * Both sides begin in plain text, and their protocol puts TLS on them (STARTTLS): on that of the server when it is passed on.
 * @example forwardStartTlsEncryption({ clientCertificate: www, serverVerify: { authorities: 'our-authority.pem' } })
 */
export function forwardStartTlsEncryption(options: TwoSidedEncryptionOptions): Encryption {
  return bothSides(options, forwardStartTlsEncryption, ['client', 'server']);
}

function bothSides(
  options: TwoSidedEncryptionOptions,
  factory: Factory,
  startTls: readonly PeerSide[],
): Encryption {
  const { settings, faults } = checkSettings(twoSidedSchema, options, WITHOUT);
  if (faults.length > 0) return declare(encryptionOf(undefined, undefined), factory, faults);
  const client = clientSide(settings, factory);
  const server = serverSide(settings, factory);
  return declare(encryptionOf(client, server, startTls), factory);
}

type ClientSettings = Pick<z.output<typeof twoSidedSchema>, keyof typeof clientFields>;
type Factory = (...parameters: never[]) => unknown;

function clientSide(settings: ClientSettings, factory: Factory): ClientEncryption {
  const { clientCertificate, clientVerify: verify, clientTls = DEFAULT_TLS_OPTIONS } = settings;
  return {
    certificate: clientCertificate,
    certificateFor: (serverName) => certificateFor(clientCertificate, serverName),
    verifier: verify === undefined ? undefined : verifierOf(verify, factory),
    tls: clientTls,
  };
}

function serverSide(settings: z.output<typeof serverSchema>, factory: Factory): ServerEncryption {
  const {
    serverName,
    serverCertificate,
    serverVerify: verify,
    serverTls = DEFAULT_TLS_OPTIONS,
  } = settings;
  return {
    serverName,
    certificate: serverCertificate,
    verifier: verifierOf(verify ?? serverVerify.parse({}), factory),
    tls: serverTls,
  };
}

function encryptionOf(
  client: ClientEncryption | undefined,
  server: ServerEncryption | undefined,
  startTls: readonly PeerSide[] = [],
): Encryption {
  return { kind: 'encryption', client, server, startTls };
}

/** What a side has from its first byte, if it begins with TLS. */
export function beginsWithTls<Side extends PeerSide>(
  encryption: Encryption | undefined,
  side: Side,
): Encryption[Side] | undefined {
  return encryption?.startTls.includes(side) === false ? encryption[side] : undefined;
}

/** What a side has from the middle of its conversation, if its protocol may put TLS on it. */
export function startsTls<Side extends PeerSide>(
  encryption: Encryption | undefined,
  side: Side,
): Encryption[Side] | undefined {
  return encryption?.startTls.includes(side) === true ? encryption[side] : undefined;
}

/** All certificates with a key of an encryption policy that are shown as they are. */
export function ownCertificates({ client, server }: Encryption): readonly StaticCertificate[] {
  const ofServer = server?.certificate === undefined ? [] : [server.certificate];
  return [...(client === undefined ? [] : certificatesOf(client.certificate)), ...ofServer];
}

/** Where the certificates for clients come from if they are made on the fly. */
export function dynamicSource(encryption: Encryption | undefined): DynamicCertificate | undefined {
  const source = encryption?.client?.certificate;
  return source?.type === 'dynamic' ? source : undefined;
}

/** What it does, in English. */
export function explainEncryption(encryption: Encryption): string {
  const { client, server, startTls } = encryption;
  const made = dynamicSource(encryption) === undefined ? '' : ', with certificates made on the fly';
  const begin = (side: PeerSide): string => (startTls.includes(side) ? ' by STARTTLS' : '');
  const sides = [
    ...(client === undefined
      ? []
      : [`TLS with clients${begin('client')}${explainAsked(client.verifier)}${made}`]),
    ...(server === undefined
      ? []
      : [`TLS with servers${begin('server')}${explainTrust(server.verifier)}`]),
  ];
  const isOld = [client?.tls, server?.tls].some(
    (tls) => tls !== undefined && permitsOldVersions(tls),
  );
  return `${sides.join(', ')}${isOld ? ', old versions too' : ''}`;
}

function explainAsked(verifier: CertificateVerifier | undefined): string {
  if (verifier === undefined) return '';
  return verifier.required ? ', who must show a certificate' : ', who may show a certificate';
}

function explainTrust({ trusted, checkName }: CertificateVerifier): string {
  if (!trusted) return ', whoever they are';
  return checkName ? '' : ', whatever their name';
}
