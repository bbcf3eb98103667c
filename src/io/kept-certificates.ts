// Certificates that are made for clients when they are needed, and kept for the next client of the same server.

import { createHash, generateKeyPairSync } from 'node:crypto';
import type { Authority } from '../keybridge/authority.ts';
import { readAuthority } from '../keybridge/authority.ts';
import { readCertificate } from '../keybridge/certificate-parts.ts';
import type { Der } from '../keybridge/der-writer.ts';
import type { MadeCertificate, Making } from '../keybridge/server-certificate.ts';
import { certificateForName, resignCertificate } from '../keybridge/server-certificate.ts';
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
import type { ContextProblem } from './tls-contexts.ts';

// Making one takes a fraction of a millisecond; what is saved is the context of OpenSSL with it, some 30 KiB each.
const MAX_KEPT = 1_000;
// So that the dates of one are never older than this, however long the process runs.
const KEPT_MS = 86_400_000;

interface KeptCertificate {
  readonly shown: ShownCertificate;
  /** Milliseconds since 1970. */
  readonly usableUntil: number;
}

interface ReadAuthority {
  readonly version: number;
  readonly authority: Authority;
}

/** What belongs to one source: its policy goes, and this goes with it. */
interface SourceState {
  readonly publicKey: Der;
  /** PEM. Its certificates have one key, which is made with it and never written down. */
  readonly privateKey: string;
  readonly authorities: Map<StaticCertificate, ReadAuthority>;
  readonly kept: Map<string, KeptCertificate>;
}

/** Makes certificates by the keybridge. */
export class KeptCertificates implements CertificateMaker {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #problem: ContextProblem;
  readonly #sources = new WeakMap<DynamicCertificate, SourceState>();

  constructor(clock: Pick<Clock, 'now'>, problem: ContextProblem) {
    this.#clock = clock;
    this.#problem = problem;
  }

  carryOver(
    source: DynamicCertificate,
    { encoded, isTrusted }: Pick<PeerCertificate, 'encoded' | 'isTrusted'>,
  ): ShownCertificate | undefined {
    const files = isTrusted ? source.authority : source.untrustedAuthority;
    const digest = createHash('sha256').update(encoded).digest('base64');
    return this.#get(source, files, digest, (making) =>
      resignCertificate(readCertificate(encoded), { ...making, carriedOver: source.carriedOver }),
    );
  }

  forServer(
    source: DynamicCertificate,
    { name, address }: TlsServer,
  ): ShownCertificate | undefined {
    const server = name === undefined ? { address: address.address.toBytes() } : { name };
    const called = name ?? address.address.toString();
    return this.#get(source, source.untrustedAuthority, called, (making) =>
      certificateForName(server, making),
    );
  }

  #get(
    source: DynamicCertificate,
    files: StaticCertificate | undefined,
    what: string,
    make: (making: Making) => MadeCertificate,
  ): ShownCertificate | undefined {
    if (files === undefined) return undefined;
    const state = this.#stateOf(source);
    const now = this.#clock.now();
    const authority = this.#authorityOf(state, files, now);
    const key = `${authority.fingerprint} ${what}`;
    const known = state.kept.get(key);
    state.kept.delete(key);
    const isUsable = known !== undefined && known.usableUntil > now;
    const kept = isUsable
      ? known
      : keepMade(make({ ...state, authority, now }), state, authority, now);
    state.kept.set(key, kept);
    const [oldest] = state.kept.keys();
    if (state.kept.size > MAX_KEPT && oldest !== undefined) state.kept.delete(oldest);
    return kept.shown;
  }

  #stateOf(source: DynamicCertificate): SourceState {
    const known = this.#sources.get(source);
    if (known !== undefined) return known;
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const made: SourceState = {
      publicKey: publicKey.export({ type: 'spki', format: 'der' }),
      privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      authorities: new Map(),
      kept: new Map(),
    };
    this.#sources.set(source, made);
    return made;
  }

  /** As its files are now; while they do not fit, as they were before. */
  #authorityOf({ authorities }: SourceState, files: StaticCertificate, now: number): Authority {
    const before = authorities.get(files);
    const version = files.version();
    const authority =
      before?.version === version ? before.authority : this.#read(files, before, now);
    if (before?.version !== version) authorities.set(files, { version, authority });
    if (authority.validTo < now)
      throw new Error(`the authority ${files.certificateFile} has expired`);
    return authority;
  }

  #read(files: StaticCertificate, before: ReadAuthority | undefined, now: number): Authority {
    try {
      return readAuthority(files.text(), now);
    } catch (error) {
      if (before === undefined) throw error;
      this.#problem(error instanceof Error ? error.message : String(error));
      return before.authority;
    }
  }
}

function keepMade(
  { encoded, validTo }: MadeCertificate,
  { privateKey }: SourceState,
  authority: Authority,
  now: number,
): KeptCertificate {
  const certificate = pemOf(encoded) + authority.chain;
  const text = { certificate, privateKey, passphrase: undefined };
  const shown: ShownCertificate = { text: () => text, version: () => 0 };
  // One that has expired with its server is as good tomorrow as it is now.
  const until = now + KEPT_MS;
  return { shown, usableUntil: validTo > now ? Math.min(until, validTo) : until };
}
