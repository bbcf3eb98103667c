// Which detector of a list recognises a connection. The first in the list that will ever say yes wins, so that it does
// not matter in which pieces the bytes come.

import type { Detection, Detector, DetectorInput } from './detector.ts';
import type { Bytes } from './engine.ts';
import type { SeenCertificate } from './tls-facts.ts';

/** Bytes of a side that detectors see. As in the original: a ClientHello has 2 KiB, a request line at most 32 KiB. */
export const MAX_DETECTED_BYTES = 65_536;

/** As in the original. A client that says nothing until then is taken for one that no detector knows. */
export const DETECTION_TIMEOUT_MS = 5_000;

/** Clients that speak first do so at once. One that is silent for so long waits for its server's greeting. */
export const SERVER_FIRST_AFTER_MS = 500;

/** A choice that is made if its detector says yes. */
export interface DetectChoice {
  readonly detector: Detector;
}

/** What came of the bytes so far: a choice, nothing, or not known yet. */
export type RaceResult<Choice> = Choice | 'none' | 'undecided';

/** The detectors of one list over one connection. */
export class DetectionRace<Choice extends DetectChoice> {
  readonly #runners: readonly { readonly choice: Choice; result: Detection }[];

  constructor(choices: readonly Choice[]) {
    this.#runners = choices.map((choice) => ({ choice, result: 'undecided' }));
  }

  /** The first choice that may still win and whose protocol lets the server speak first. */
  get serverFirst(): Choice | undefined {
    const runner = this.#runners.find(
      ({ choice, result }) => choice.detector.readsServer && result !== 'no-match',
    );
    return runner?.choice;
  }

  /**
   * Shows all bytes of one side so far to the detectors that have not decided. A server that speaks first rules out every
   * protocol in which the client does.
   */
  show(side: 'client' | 'server', bytes: Bytes, input: DetectorInput): RaceResult<Choice> {
    for (const runner of this.#runners) {
      const { detector } = runner.choice;
      if (runner.result !== 'undecided') continue;
      const isRuledOut = side === 'server' && !detector.readsServer;
      if (!isRuledOut) runner.result = detector.detect(side, bytes, input);
      else if (bytes.length > 0) runner.result = 'no-match';
    }
    return this.result;
  }

  /** The choice that wins or not by the certificate of a server; undefined as long as one before it may win. */
  get awaitsCertificate(): Choice | undefined {
    const first = this.#runners.find(({ result }) => result !== 'no-match');
    return first?.result === 'certificate' ? first.choice : undefined;
  }

  /** Shows a choice the certificate that it waits for; undefined: it cannot be had, which is no match. */
  showCertificate(choice: Choice, certificate: SeenCertificate | undefined): RaceResult<Choice> {
    for (const runner of this.#runners) {
      if (runner.choice !== choice || runner.result !== 'certificate') continue;
      runner.result = 'no-match'; // also where the policy fails
      const isIt =
        certificate !== undefined && choice.detector.judgeCertificate?.(certificate) === true;
      if (isIt) runner.result = 'match';
    }
    return this.result;
  }

  /** No more bytes and certificates come: what is not decided is no match. */
  finish(): RaceResult<Choice> {
    for (const runner of this.#runners) if (runner.result !== 'match') runner.result = 'no-match';
    return this.result;
  }

  /** What came of it so far. */
  get result(): RaceResult<Choice> {
    const first = this.#runners.find(({ result }) => result !== 'no-match');
    if (first === undefined) return 'none';
    return first.result === 'match' ? first.choice : 'undecided';
  }
}
