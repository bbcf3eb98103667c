// Certificates that servers have shown to detectors: each server is visited once for all who ask at the same time, and not
// again for a short while.

import type { Log } from '../log/log.ts';
import type { PeerCertificate, SeenCertificate } from '../proxy/tls-facts.ts';
import { thrownText } from '../proxy/policy-call.ts';
import { setNewest } from './bounded-map.ts';
import { callSoon } from './hand-over.ts';
import type { Clock } from './outside.ts';

/** For a connection and a handshake: below the 5 s of a detection, so that the lines behind it still count. */
export const VISIT_TIMEOUT_MS = 4_000;
/** At the same time, of all clients: who asks for ever other names must not make Zorp flood servers. */
export const MAX_VISITS = 64;
/** Some 4 KiB each, so that a few MiB are kept at most. */
export const MAX_KEPT_CERTIFICATES = 1_024;
/** A server that changes its certificate is judged by the old one for no longer. */
export const CERTIFICATE_KEPT_MS = 60_000;
/** A server that could not be visited is let alone for a moment. */
export const FAILURE_KEPT_MS = 5_000;
/** Certificates with hundreds of names have some 10 KiB; OpenSSL takes 100 KiB of a chain. */
export const MAX_CERTIFICATE_BYTES = 32_768;

/** What came of a visit; `reason` is a reason code. */
export type VisitResult =
  | { readonly ok: true; readonly certificate: PeerCertificate }
  | { readonly ok: false; readonly reason: string };

/** Visits a server. Calls back at most once, never before it has returned; the returned function gives up. */
export type Visit = (done: (result: VisitResult) => void) => () => void;

type Told = (certificate: SeenCertificate | undefined) => void;

interface Kept {
  readonly certificate: SeenCertificate | undefined;
  readonly until: number;
}

interface Running {
  readonly waiters: Set<Told>;
  /** Ends the visit and its timer. */
  stop: () => void;
}

/** What is known of servers, and who waits to know. */
export class ServerCertificates {
  readonly #clock: Clock;
  readonly #log: Log;
  /** The oldest first. */
  readonly #kept = new Map<string, Kept>();
  readonly #running = new Map<string, Running>();

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * Tells the certificate of the server that `key` stands for, which is visited if it is not known; undefined where none can be
   * had. Calls back once, never before it has returned; the returned function gives up.
   */
  ask(key: string, visit: Visit, done: Told): () => void {
    const waiter: Told = (certificate) => this.#tell(done, certificate);
    const known = this.#known(key);
    if (known !== undefined) return callSoon(() => waiter(known.certificate));
    const running = this.#running.get(key) ?? this.#begin(key, visit);
    if (running === undefined) {
      this.#note(key, 'detect.too-many-visits');
      return callSoon(() => waiter(undefined));
    }
    running.waiters.add(waiter);
    return () => {
      // Nobody waits for it any more.
      if (running.waiters.delete(waiter) && running.waiters.size === 0) this.#forget(key, running);
    };
  }

  #known(key: string): Kept | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined || this.#clock.monotonic() < kept.until) return kept;
    this.#kept.delete(key);
    return undefined;
  }

  #begin(key: string, visit: Visit): Running | undefined {
    if (this.#running.size >= MAX_VISITS) return undefined;
    const running: Running = { waiters: new Set(), stop: () => undefined };
    this.#running.set(key, running);
    const end = (result: VisitResult): void => this.#end(key, running, result);
    const cancel = this.#clock.after(VISIT_TIMEOUT_MS, () =>
      end({ ok: false, reason: 'detect.visit-timeout' }),
    );
    const giveUp = visit((result) => {
      running.stop = cancel;
      end(result);
    });
    running.stop = () => {
      cancel();
      giveUp();
    };
    return running;
  }

  #forget(key: string, running: Running): void {
    running.stop();
    if (this.#running.get(key) === running) this.#running.delete(key);
  }

  #end(key: string, running: Running, given: VisitResult): void {
    if (this.#running.get(key) !== running) return;
    this.#forget(key, running);
    const result = given.ok && isTooLong(given.certificate) ? TOO_LONG : given;
    const certificate = result.ok ? seenOf(result.certificate) : undefined;
    if (!result.ok) this.#note(key, result.reason);
    this.#keep(key, certificate);
    for (const waiter of running.waiters) waiter(certificate);
  }

  #keep(key: string, certificate: SeenCertificate | undefined): void {
    const forMs = certificate === undefined ? FAILURE_KEPT_MS : CERTIFICATE_KEPT_MS;
    const kept = { certificate, until: this.#clock.monotonic() + forMs };
    setNewest(this.#kept, key, kept, MAX_KEPT_CERTIFICATES);
  }

  /** A function of the policy that fails when it is asked about one certificate fails one detection. */
  #tell(done: Told, certificate: SeenCertificate | undefined): void {
    try {
      done(certificate);
    } catch (error) {
      const message = 'A detector could not judge a certificate';
      this.#log.line('error', 'detect.certificate-failed', message, { why: thrownText(error) });
    }
  }

  #note(visit: string, reason: string): void {
    const message = 'The certificate of a server could not be seen: its detector does not match';
    this.#log.line('policy', 'detect.no-certificate', message, { visit, reason });
  }
}

const TOO_LONG: VisitResult = { ok: false, reason: 'detect.certificate-too-long' };

function isTooLong({ encoded }: PeerCertificate): boolean {
  return encoded.length > MAX_CERTIFICATE_BYTES;
}

/** No more is kept than is asked about. */
function seenOf(certificate: PeerCertificate): SeenCertificate {
  const { subject, issuer, names, fingerprint, isTrusted } = certificate;
  return { subject, issuer, names, fingerprint, isTrusted };
}
