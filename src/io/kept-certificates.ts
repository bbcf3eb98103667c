// Certificates that are made for clients when they are needed, and kept for the next client of the same server.

import { createHash } from 'node:crypto';
import type { Authority } from '../keybridge/authority.ts';
import { readAuthority } from '../keybridge/authority.ts';
import type { Making } from '../keybridge/server-certificate.ts';
import { certificateForName } from '../keybridge/server-certificate.ts';
import type { ServerKey } from '../keybridge/server-key.ts';
import { deriveServerKey, newServerKey } from '../keybridge/server-key.ts';
import { pemOf } from '../keybridge/sign-certificate.ts';
import type { Clock } from '../session/outside.ts';
import type {
  CertificateMaker,
  DynamicCertificate,
  PeerCertificate,
  ShownCertificate,
  StaticCertificate,
  TlsServer,
} from '../session/tls-layer.ts';
import type { TimedCertificate } from './carry-over.ts';
import { carryOver, usableUntil } from './carry-over.ts';
import { CertificateFolder } from './certificate-folder.ts';
import type { KeptLimits } from './recently-used.ts';
import { RecentlyUsed } from './recently-used.ts';
import type { ContextProblem } from './tls-contexts.ts';

// Making one takes a fraction of a millisecond; one has some 2 KiB. But servers decide how long the names are that are carried
// over: a certificate may have up to 100 KiB.
const LIMITS: KeptLimits = { maxCount: 1_000, maxBytes: 16 * 1024 * 1024 };
// So that the dates of one are never older than this, however long the process runs.
const KEPT_MS = 86_400_000;

/** What is told to the log. */
export interface CertificateProblems {
  /** Files of an authority have changed and do not fit: what was read before stays. */
  readonly filesKept: ContextProblem;
  /** Nothing can be written to the folder of a source. */
  readonly notStored: ContextProblem;
}

interface KeptCertificate {
  readonly shown: ShownCertificate;
  /** Milliseconds since 1970. */
  readonly usableUntil: number;
}

/** An authority as its files were read, and the key of everything that it signs. */
interface ReadAuthority {
  readonly version: number;
  readonly authority: Authority;
  readonly key: ServerKey;
}

/** What belongs to one source: its policy goes, and this goes with it. */
interface SourceState {
  readonly authorities: Map<StaticCertificate, ReadAuthority>;
  readonly kept: RecentlyUsed<KeptCertificate>;
  readonly folder: CertificateFolder | undefined;
}

interface FolderMaking extends Making {
  readonly folder: CertificateFolder | undefined;
}

/** Makes certificates by the keybridge. */
export class KeptCertificates implements CertificateMaker {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #problems: CertificateProblems;
  #sources = new WeakMap<DynamicCertificate, SourceState>();

  constructor(clock: Pick<Clock, 'now'>, problems: CertificateProblems) {
    this.#clock = clock;
    this.#problems = problems;
  }

  /** Lets go of what was made for policies, as TlsContexts do; the folders of sources keep what is in them. */
  forget(): void {
    this.#sources = new WeakMap();
  }

  carryOver(
    source: DynamicCertificate,
    { encoded, isTrusted }: Pick<PeerCertificate, 'encoded' | 'isTrusted'>,
  ): ShownCertificate | undefined {
    const files = isTrusted ? source.authority : source.untrustedAuthority;
    const digest = createHash('sha256').update(encoded).digest('base64');
    return this.#get(source, files, digest, (making) =>
      carryOver(encoded, { ...making, carriedOver: source.carriedOver }),
    );
  }

  forServer(
    source: DynamicCertificate,
    { name, address }: TlsServer,
  ): ShownCertificate | undefined {
    const server = name === undefined ? { address: address.address.toBytes() } : { name };
    const called = name ?? address.address.toString();
    return this.#get(source, source.untrustedAuthority, called, (making) => ({
      ...certificateForName(server, making),
      madeAt: making.now,
    }));
  }

  #get(
    source: DynamicCertificate,
    files: StaticCertificate | undefined,
    what: string,
    make: (making: FolderMaking) => TimedCertificate,
  ): ShownCertificate | undefined {
    if (files === undefined) return undefined;
    const state = this.#stateOf(source);
    const now = this.#clock.now();
    const { authority, key } = this.#authorityOf(source, state, files, now);
    const name = `${authority.fingerprint} ${what}`;
    const known = state.kept.get(name);
    if (known !== undefined && known.usableUntil > now) return known.shown;
    const made = keep(make({ authority, ...key, folder: state.folder, now }), authority, key, now);
    state.kept.set(name, made, made.shown.text().certificate.length);
    return made.shown;
  }

  #stateOf(source: DynamicCertificate): SourceState {
    const known = this.#sources.get(source);
    if (known !== undefined) return known;
    const { cacheDirectory: path } = source;
    const folder =
      path === undefined
        ? undefined
        : new CertificateFolder(path, this.#clock, this.#problems.notStored);
    const made: SourceState = { authorities: new Map(), kept: new RecentlyUsed(LIMITS), folder };
    this.#sources.set(source, made);
    return made;
  }

  /** As its files are now; while they do not fit, as they were before. */
  #authorityOf(
    source: DynamicCertificate,
    { authorities }: SourceState,
    files: StaticCertificate,
    now: number,
  ): ReadAuthority {
    const before = authorities.get(files);
    const version = files.version();
    const read = before?.version === version ? before : this.#read(source, files, before, now);
    if (read !== before) authorities.set(files, read);
    if (read.authority.validTo < now)
      throw new Error(`the authority ${files.certificateFile} has expired`);
    return read;
  }

  #read(
    { cacheDirectory }: DynamicCertificate,
    files: StaticCertificate,
    before: ReadAuthority | undefined,
    now: number,
  ): ReadAuthority {
    const version = files.version();
    try {
      const authority = readAuthority(files.text(), now);
      const isShared = cacheDirectory !== undefined;
      const key = isShared ? deriveServerKey(authority.privateKey) : newServerKey();
      return { version, authority, key };
    } catch (error) {
      if (before === undefined) throw error;
      this.#problems.filesKept(error instanceof Error ? error.message : String(error));
      return { ...before, version };
    }
  }
}

function keep(
  made: TimedCertificate,
  authority: Authority,
  { privateKey }: ServerKey,
  now: number,
): KeptCertificate {
  const certificate = pemOf(made.encoded) + authority.chain;
  const text = { certificate, privateKey, passphrase: undefined };
  const shown: ShownCertificate = { text: () => text, version: () => 0 };
  return { shown, usableUntil: Math.min(now + KEPT_MS, usableUntil(made)) };
}
