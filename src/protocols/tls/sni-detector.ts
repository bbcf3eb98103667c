// Recognises TLS clients by the server that they ask for (SNI, RFC 6066, 3), before anything is decrypted.

import { z } from 'zod';
import type { Detection, Detector, DetectorInput } from '../../proxy/detector.ts';
import type { Bytes } from '../../proxy/engine.ts';
import type { AnyMatcher } from '../../proxy/matcher.ts';
import { askMatcher, explainMatcher, hostMatcher } from '../../proxy/matcher.ts';
import { registerOptions } from '../../proxy/option-owners.ts';
import { checkSettings, declare } from '../../proxy/policy-fault.ts';
import { readClientHello } from './client-hello.ts';

/** Settings of `sniDetector`. */
export interface SniDetectorOptions {
  /** Is asked about the name of the server, in lower case. */
  readonly serverName: AnyMatcher;
  /**
   * Whether a client counts whose hello has an encrypted part (ECH): the name is then one for the public, and which server is
   * meant cannot be seen. Browsers send such a part for show, too. Default: true.
   */
  readonly permitEncryptedHello?: boolean;
}

const schema = z.strictObject({
  serverName: hostMatcher,
  permitEncryptedHello: z.boolean({ error: 'give true or false' }).default(true),
});
registerOptions('sniDetector', schema);

/**
 * Recognises TLS clients that ask for a server whose name a matcher matches. A client that names none is not recognised.
 * @example detect: [{ detector: sniDetector({ serverName: domainMatcher({ domains: ['bank.example'] }) }), service: untouched }]
 */
export function sniDetector(options: SniDetectorOptions): Detector {
  const { settings, faults } = checkSettings(schema, options, { serverName: () => false });
  const made: Detector = {
    kind: 'detector',
    name: 'sni',
    readsServer: false,
    detect: (side, bytes, input) =>
      side === 'client' ? detectName(settings, bytes, input) : 'no-match',
    explain: () =>
      `the client asks by TLS for a server whose name ${explainMatcher(settings.serverName)}`,
  };
  return declare(made, sniDetector, faults);
}

function detectName(
  { serverName, permitEncryptedHello }: z.output<typeof schema>,
  bytes: Bytes,
  { isComplete }: DetectorInput,
): Detection {
  const reading = readClientHello(bytes);
  if (reading.kind === 'incomplete') return isComplete ? 'no-match' : 'undecided';
  if (reading.kind === 'malformed') return 'no-match';
  const { serverName: name, hasEncryptedHello } = reading.hello;
  if (name === undefined || (hasEncryptedHello && !permitEncryptedHello)) return 'no-match';
  return askMatcher('SNI detector', serverName, name) ? 'match' : 'no-match';
}
