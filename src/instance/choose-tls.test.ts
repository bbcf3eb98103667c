// ZORP_TLS chooses; without it the engine is taken where it can be had, and the log says what is missing.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { MemoryLog } from '../../test/support/memory-log.ts';
import { needsOpenSsl } from '../../test/support/tls-layers.ts';
import { EngineTls } from '../io/engine-tls.ts';
import type { OpenSsl, OpenSslReading } from '../io/openssl.ts';
import { loadOpenSsl } from '../io/openssl.ts';
import { NodeTls } from '../io/tls-stream.ts';
import type { TlsLayer } from '../session/tls-layer.ts';
import type { TlsSurroundings } from './choose-tls.ts';
import { chooseTls } from './choose-tls.ts';

function nothing(): OpenSslReading {
  return { missing: 'koffi does not load here' };
}

/** An OpenSSL where something is otherwise. */
function changed(change: Partial<OpenSsl>): () => OpenSslReading {
  return () => ({ openSsl: { ...(loadOpenSsl().openSsl ?? assert.fail()), ...change } });
}

describe('what speaks TLS', () => {
  /** What is chosen, and what the log says. */
  function choose(
    wanted: string | undefined,
    part: Partial<TlsSurroundings> = {},
  ): { readonly layer: TlsLayer; readonly lines: readonly unknown[] } {
    const log = new MemoryLog();
    const clock = new ManualClock(Date.now());
    const filesKept = (): never => assert.fail('no file has changed');
    const layer = chooseTls({ wanted, clock, log, filesKept, ...part });
    return { layer, lines: log.lines.map(({ code, fields }) => [code, fields]) };
  }

  it('is the engine where it can be had, without a word', needsOpenSsl(), () => {
    for (const wanted of [undefined, 'engine']) {
      const { layer, lines } = choose(wanted);
      assert.ok(layer instanceof EngineTls);
      assert.deepEqual(lines, []);
    }
  });

  it('is Node where the engine does not load, and the log says once what is missing', () => {
    const { layer, lines } = choose(undefined, { load: nothing });
    assert.ok(layer instanceof NodeTls);
    assert.deepEqual(lines, [['tls.no-engine', { missing: 'koffi does not load here' }]]);
  });

  it('is Node where OpenSSL does not do what it should', needsOpenSsl(), () => {
    const wrong: readonly (readonly [Partial<OpenSsl>, RegExp])[] = [
      [{ SSL_get_version: () => 'TLSv1.2' }, /a handshake in memory came out wrong/],
      [{ SSL_CTX_new: () => 0 }, /OpenSSL of this node cannot be used/],
      [{ BIO_new: () => 0 }, /unknown/],
    ];
    for (const [change, said] of wrong) {
      const { layer, lines } = choose(undefined, { load: changed(change) });
      assert.ok(layer instanceof NodeTls);
      assert.match(JSON.stringify(lines), said);
      const load = changed(change);
      assert.throws(() => choose('engine', { load }), /^Error: Cannot use ZORP_TLS=engine: .+/);
    }
  });

  it('is Node where that is asked for: nothing is loaded', () => {
    const load = (): never => assert.fail('it must not be loaded');
    const { layer, lines } = choose('node', { load });
    assert.ok(layer instanceof NodeTls);
    assert.deepEqual(lines, []);
  });

  it('is an error with the cure for anything else', () => {
    assert.throws(() => choose('openssl'), /ZORP_TLS="openssl": give "engine" or "node"/);
    assert.throws(() => choose('engine', { load: nothing }), /koffi does not load here$/);
  });
});
