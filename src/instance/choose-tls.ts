// What speaks TLS for an instance: the engine on the OpenSSL of the node binary where that can be had, sockets of Node elsewhere or
// where that is asked for.

import { EngineTls } from '../io/engine-tls.ts';
import { OpenSslShare } from '../io/openssl-share.ts';
import { tryOpenSsl } from '../io/openssl-trial.ts';
import type { OpenSslReading } from '../io/openssl.ts';
import { loadOpenSsl } from '../io/openssl.ts';
import type { ContextProblem } from '../io/tls-contexts.ts';
import { NodeTls } from '../io/tls-stream.ts';
import type { Log } from '../log/log.ts';
import type { Clock } from '../session/outside.ts';
import type { TlsLayer } from '../session/tls-layer.ts';

/** What the choice depends on. */
export interface TlsSurroundings {
  /** The value of ZORP_TLS: `engine`, `node`, or undefined for the engine where it can be had. */
  readonly wanted: string | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly filesKept: ContextProblem;
  readonly load?: () => OpenSslReading;
}

/** TLS for the sessions of policies that come and go. */
export interface ChosenTls extends TlsLayer {
  /** Lets go of what was made for policies so far. A session that still needs it has it made anew. */
  forgetPolicies(): void;
}

type ShareReading =
  | { readonly share: OpenSslShare; readonly missing?: never }
  | { readonly share?: never; readonly missing: string };

/**
 * Chooses, and says in the log what is missing for the engine. Throws an Error with the cure for another value of ZORP_TLS, and
 * where the engine is asked for but cannot be had.
 */
export function chooseTls(surroundings: TlsSurroundings): ChosenTls {
  const { wanted, clock, log, filesKept, load = loadOpenSsl } = surroundings;
  if (wanted === 'node') return new NodeTls(clock, filesKept);
  if (wanted !== undefined && wanted !== 'engine') {
    const value = JSON.stringify(wanted);
    throw new Error(`Cannot use ZORP_TLS=${value}: give "engine" or "node", or leave it out`);
  }
  const { share, missing } = makeShare(load(), clock.now());
  if (share !== undefined) return new EngineTls(share, clock, filesKept);
  if (wanted === 'engine') throw new Error(`Cannot use ZORP_TLS=engine: ${missing}`);
  log.line('info', 'tls.no-engine', 'TLS is that of sockets of Node, without the engine', {
    missing,
  });
  return new NodeTls(clock, filesKept);
}

function makeShare({ openSsl, missing }: OpenSslReading, now: number): ShareReading {
  if (openSsl === undefined) return { missing };
  try {
    const share = new OpenSslShare(openSsl);
    const problem = tryOpenSsl(share, now);
    return problem === undefined ? { share } : { missing: problem };
  } catch (error) {
    return { missing: error instanceof Error ? error.message : String(error) };
  }
}
