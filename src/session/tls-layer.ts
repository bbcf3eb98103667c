// TLS over a stream, as an interface: io/ implements it, tests hand in their own.

import type { SocketAddress } from '../address/socket-address.ts';
import type { Bytes } from '../proxy/engine.ts';
import type { DynamicCertificate, StaticCertificate } from '../policy/certificate-source.ts';
import type { ClientEncryption, ServerEncryption } from '../policy/encryption.ts';
import type { Stream } from './stream.ts';

// What an edge needs to know of a policy to speak TLS.
export type { DynamicCertificate, StaticCertificate } from '../policy/certificate-source.ts';
export type { CertificateVerifier } from '../policy/certificate-verifier.ts';
export type { ClientEncryption, ServerEncryption } from '../policy/encryption.ts';
export type { PemFile } from '../policy/pem-files.ts';
export type { CheckedTlsOptions } from '../policy/tls-options.ts';

/** A certificate that a peer has shown. */
export interface PeerCertificate {
  /** One line, such as `CN=www.example, O=Example`. */
  readonly subject: string;
  readonly issuer: string;
  /** Hexadecimal. */
  readonly serialNumber: string;
  /** SHA-256 of the certificate, hexadecimal with colons. */
  readonly fingerprint: string;
  /** Whether a trusted authority, or the policy by name, vouches for it. */
  readonly isTrusted: boolean;
  /** The certificate itself, in DER. */
  readonly encoded: Bytes;
}

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

/** What a handshake came to. */
export interface TlsFacts {
  /** `TLSv1.3` and so on. */
  readonly version: string;
  /** As the RFCs write it. */
  readonly cipher: string;
  /** The server that was asked for (SNI). The layer does not know it of a client that resumes a session of TLS 1.2. */
  readonly serverName: string | undefined;
  /** What ALPN came to. */
  readonly applicationProtocol: string | undefined;
  readonly isResumed: boolean;
  /** Whether the peer has ended without the closing alert of TLS so far. */
  readonly isTruncated: boolean;
  readonly peer: PeerCertificate | undefined;
}

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
