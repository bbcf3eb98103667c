// TLS over a stream, as an interface: io/ implements it, tests hand in their own.

import type { SocketAddress } from '../address/socket-address.ts';
import type { DynamicCertificate, StaticCertificate } from '../policy/certificate-source.ts';
import type { ClientEncryption, ServerEncryption } from '../policy/encryption.ts';
import type { PeerCertificate, TlsFacts } from '../proxy/tls-facts.ts';
import type { Stream } from './stream.ts';

export type { PeerCertificate, TlsFacts } from '../proxy/tls-facts.ts';

// What an edge needs to know of a policy to speak TLS.
export type { DynamicCertificate, StaticCertificate } from '../policy/certificate-source.ts';
export type { CertificateVerifier } from '../policy/certificate-verifier.ts';
export type { ClientEncryption, ServerEncryption } from '../policy/encryption.ts';
export type { PemFile } from '../policy/pem-files.ts';
export type { CheckedTlsOptions } from '../policy/tls-options.ts';

/** A certificate that a peer is shown, with its key. */
export type ShownCertificate = Pick<StaticCertificate, 'text' | 'version'>;

/** Makes certificates for clients. Its methods throw an Error, with a message for people, where nothing can be made. */
export interface CertificateMaker {
  /**
   * What the certificate of a server says, signed by the authority for trusted servers, or by that for others. Undefined:
   * the source has none for others.
   */
  carryOver(
    source: DynamicCertificate,
    { encoded, isTrusted }: Pick<PeerCertificate, 'encoded' | 'isTrusted'>,
  ): ShownCertificate | undefined;
  /** For a server without a certificate that could be carried over, by the authority for servers that are not trusted. */
  forServer(source: DynamicCertificate, server: TlsServer): ShownCertificate | undefined;
}

/** What the first bytes of a client are, as far as it is asked here. */
export type HelloReading =
  | { readonly kind: 'incomplete' | 'malformed' }
  | { readonly kind: 'hello'; readonly hello: { readonly serverName: string | undefined } };

/** Why there is no TLS. */
export interface TlsFailure {
  /** A reason code that begins with `tls.`. */
  readonly reason: string;
  readonly message: string;
}

/** What came of a handshake. The stream that was given belongs to the layer either way; where it failed it is closed. */
export type TlsResult =
  | { readonly ok: true; readonly stream: Stream; readonly facts: TlsFacts }
  | { readonly ok: false; readonly failure: TlsFailure };

/** The server that is meant. */
export interface TlsServer {
  readonly address: SocketAddress;
  /** Its name in lower case; undefined where nobody named it: then the certificate must be for its address. */
  readonly name: string | undefined;
  /** Whether the policy has named it, whoever the client asks for. Default: false. */
  readonly isOfPolicy?: boolean;
}

/** Speaks TLS. */
export interface TlsLayer {
  /**
   * Lets a client begin, and shows it this certificate. Calls back exactly once, never before it has returned, within the
   * handshake timeout; the returned function gives up.
   */
  accept(
    stream: Stream,
    encryption: ClientEncryption,
    shown: ShownCertificate,
    done: (result: TlsResult) => void,
  ): () => void;
  /** Begins with a server, in the same way. */
  connect(
    stream: Stream,
    encryption: ServerEncryption,
    server: TlsServer,
    done: (result: TlsResult) => void,
  ): () => void;
}
