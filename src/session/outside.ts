// Everything a session needs of the world outside, as interfaces. io/ implements them; tests hand in their own.

import type { InterfaceTable } from '../address/interface-table.ts';
import type { SocketAddress } from '../address/socket-address.ts';
import type { Transport } from '../address/transport.ts';
import type { AddressFamily, IpAddress } from '../address/ip-address.ts';
import type { Bytes } from '../proxy/engine.ts';
import type { MakeDecoder } from './decoder.ts';
import type { ProvedUser } from '../policy/authentication-provider.ts';
import type { HtpasswdProvider } from '../policy/provider-htpasswd.ts';
import type { LdapProvider } from '../policy/provider-ldap.ts';
import type { Credentials } from '../proxy/authentication.ts';
import type { Stream } from './stream.ts';
import type { CertificateMaker, HelloReading, TlsLayer } from './tls-layer.ts';

/** Time. The only source of it for everything below session/. */
export interface Clock {
  /** Milliseconds since 1970, for records. Who has just read the other clock may hand that in, which saves reading it again. */
  now(monotonic?: number): number;
  /** Milliseconds that never run backwards, for durations. */
  monotonic(): number;
  /** Calls once after `ms`; the returned function cancels. */
  after(ms: number, call: () => void): () => void;
}

/** A server connection to make. */
export interface ConnectRequest {
  /** Default: `tcp`. A `udp` connect succeeds at once: nothing goes out before the first datagram. */
  readonly protocol?: Transport;
  readonly remote: SocketAddress;
  /** Local address to connect from; port 0 lets the kernel choose the port. Undefined: the kernel chooses both. */
  readonly local: SocketAddress | undefined;
  /** `local.port` is only a hint: another port of its group (1-511, 512-1023, 1024-65535) will do. */
  readonly localLoose: boolean;
  /** Take a random port of the group of `local.port`. */
  readonly localRandom: boolean;
  /** The mark of its packets, more than 0. Default: none. */
  readonly mark?: number | undefined;
  /** Type of service of its packets, 0 to 255. Default: that of the system. */
  readonly tos?: number | undefined;
  readonly timeoutMs: number;
  /** The client chose the server: see that the socket really leads there, or fail with 'EWRONGPEER'. Default: false. */
  readonly checksPeer?: boolean;
}

/** What came of a connection attempt. `error` is a code such as 'ECONNREFUSED' or 'ETIMEDOUT'. */
export type ConnectResult =
  | { readonly ok: true; readonly stream: Stream; readonly local: SocketAddress }
  | { readonly ok: false; readonly error: string };

/** Makes server connections. */
export interface Connector {
  /** Calls back exactly once, never before it has returned; the returned function gives up the attempt. */
  connect(request: ConnectRequest, done: (result: ConnectResult) => void): () => void;
}

/** What came of a name. */
export type ResolveResult =
  | { readonly ok: true; readonly addresses: readonly IpAddress[] }
  | { readonly ok: false; readonly error: string };

/** Finds the addresses of host names. */
export interface NameResolver {
  /** Calls back exactly once, never before it has returned; within the timeout. */
  resolve(host: string, timeoutMs: number, done: (result: ResolveResult) => void): void;
}

/** A question to DNS: the addresses of one family that a host name has. */
export interface DnsQuestion {
  /** A strict host name in lower case, without a dot at its end. */
  readonly host: string;
  readonly family: AddressFamily;
  /** Who is asked; none: the servers that this machine is set up with. */
  readonly servers: readonly SocketAddress[];
}

/**
 * What DNS says: addresses and for how long they may be used, in milliseconds. That there is no such name, or no address,
 * is an answer too. An error is that nobody could say, such as 'ETIMEOUT' or 'ESERVFAIL'.
 */
export type DnsAnswer =
  | { readonly ok: true; readonly addresses: readonly IpAddress[]; readonly ttlMs: number }
  | { readonly ok: false; readonly error: string };

/** Asks DNS itself: no hosts file, but the time for which an answer is good. */
export interface DnsClient {
  /** Calls back exactly once, never before it has returned; within the timeout. */
  query(question: DnsQuestion, timeoutMs: number, done: (answer: DnsAnswer) => void): void;
}

/** A connection that a listener accepted. Addresses are normalised: an IPv4-mapped IPv6 address is IPv4 here. */
export interface Accepted {
  readonly stream: Stream;
  readonly clientAddress: SocketAddress;
  readonly clientLocal: SocketAddress;
  /** Who is connected, where a PROXY header said that the client is somebody else. */
  readonly peer?: SocketAddress | undefined;
  /** The index of the interface by which it came in; undefined, or 0, where the system does not say. */
  readonly interfaceIndex?: number | undefined;
}

/** Knows the network interfaces of this machine. */
export interface Interfaces {
  /** As they are now: another table after every change. */
  readonly table: InterfaceTable;
}

/** Is told what becomes of a port that is to be opened. */
export interface PortWatcher {
  /** It is open: where, with the real port. Never before `openPort` has returned. */
  opened(address: SocketAddress): void;
  /** It could not be opened; `error` is a code such as 'EADDRINUSE'. Never before `openPort` has returned. */
  failed(error: string): void;
  accepted(connection: Accepted): void;
}

/** A program to start. */
export interface ProgramRequest {
  readonly command: readonly [file: string, ...parameters: string[]];
  /** All of its environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
}

/** How a program ended. `error` is a code such as 'ENOENT'. */
export type ProgramExit =
  | { readonly type: 'not-started'; readonly error: string }
  | { readonly type: 'exited'; readonly code: number }
  | { readonly type: 'killed'; readonly signal: string };

/** Takes what comes of a program. Its methods are never called from within a call of the runner's methods. */
export interface ProgramListener {
  /** It runs; these are its descriptors 0 and 1. At most once, and not after a `kill`. */
  started(client: Stream, server: Stream): void;
  /** Bytes have passed, in whatever direction. */
  moved(): void;
  /** Bytes of its control channel, descriptor 3: lent. */
  controlReceived(bytes: Bytes): void;
  /** Bytes of its error output, descriptor 2: lent. */
  errorReceived(bytes: Bytes): void;
  /**
   * It has ended, and its process group with it. Exactly once. The streams say their last bytes after this, and an end
   * only if it exited with code 0 and was not killed: otherwise they are cut off.
   */
  exited(exit: ProgramExit): void;
  /** Both streams have given their descriptors back. Once, if there was a process. */
  released(): void;
}

/** A program that runs, or is about to. */
export interface RunningProgram {
  /** Writes to its control channel. */
  answer(bytes: Bytes): void;
  /** Asks its process group to end, kills it soon after, and cuts its streams off. */
  kill(): void;
}

/** Starts external programs. */
export interface ProgramRunner {
  run(request: ProgramRequest, listener: ProgramListener): RunningProgram;
}

/** Checks passwords against what lives outside the process. */
export interface PasswordChecker {
  /** Rejects if nobody can say. */
  check(
    provider: HtpasswdProvider | LdapProvider,
    credentials: Credentials,
  ): Promise<ProvedUser | undefined>;
}

/** Digests with a key: what must not be guessed or forged. */
export interface Digests {
  /** A new secret, of 256 random bits. */
  newKey(): string;
  /** HMAC-SHA-256 of a text, in base64url: 43 characters. */
  mac(key: string, text: string): string;
  /** Whether two texts are equal; the time it takes does not tell where they differ. */
  equal(one: string, other: string): boolean;
}

/** The world outside, as one value that the composition root builds. */
export interface Outside {
  readonly clock: Clock;
  readonly connector: Connector;
  readonly resolver: NameResolver;
  readonly dns: DnsClient;
  /** Opens a TCP port for a connection that a session expects; the returned function closes it, and then nothing is told. */
  openPort(at: SocketAddress, watcher: PortWatcher): () => void;
  readonly programs: ProgramRunner;
  readonly interfaces: Interfaces;
  readonly passwords: PasswordChecker;
  readonly digests: Digests;
  readonly tls: TlsLayer;
  readonly certificates: CertificateMaker;
  /** Reads what a client of TLS says first. */
  readonly readHello: (bytes: Bytes) => HelloReading;
  /** A random number of [0, 1). Nothing secret hangs on it. */
  random(): number;
  /** Makes two streams that are joined in memory, for a stacked proxy. */
  linkPair(): readonly [Stream, Stream];
  /** Has what nobody needs any more collected, soon and without a long pause. */
  collectGarbage(): void;
  /** Undoes content codings. */
  readonly makeDecoder: MakeDecoder;
}
