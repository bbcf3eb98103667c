// Both implementations of TLS, for tests that each of them has to pass.
import { SystemClock } from '../../src/io/clock.ts';
import { EngineTls } from '../../src/io/engine-tls.ts';
import { OpenSslShare } from '../../src/io/openssl-share.ts';
import { loadOpenSsl } from '../../src/io/openssl.ts';
import { NodeTls } from '../../src/io/tls-stream.ts';
import type { TlsLayer } from '../../src/session/tls-layer.ts';

/** One of them. */
export interface TestedLayer {
  readonly name: string;
  /** Options for tests that need it. */
  readonly needs: { readonly skip?: string };
  readonly make: (problem: (message: string) => void) => TlsLayer;
}

/** All there are. */
export const TLS_LAYERS: readonly TestedLayer[] = [
  {
    name: 'sockets of Node',
    needs: {},
    make: (problem) => new NodeTls(new SystemClock(), problem),
  },
  {
    name: 'the engine',
    needs: needsOpenSsl(),
    make: (problem) => new EngineTls(testShare(), new SystemClock(), problem),
  },
];

let share: OpenSslShare | undefined;

/** The memory of the engine, in a test that has said that it needs it. */
export function testShare(): OpenSslShare {
  const { openSsl, missing } = loadOpenSsl();
  if (openSsl === undefined) throw new Error(missing);
  share ??= new OpenSslShare(openSsl);
  return share;
}

/** Options for tests that need the engine; with ZORP_TEST_NO_SKIP=1 a missing one is an error. */
export function needsOpenSsl(): { skip?: string } {
  const { missing } = loadOpenSsl();
  if (missing === undefined) return {};
  if (process.env['ZORP_TEST_NO_SKIP'] === '1') throw new Error(`Cannot run a test: ${missing}`);
  return { skip: missing };
}
