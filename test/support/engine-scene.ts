// A side of TLS by the engine, over a stream whose peer and whose timing are the test's, and the other side in memory.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import type { EngineStreamOptions } from '../../src/io/engine-stream-options.ts';
import { EngineStream } from '../../src/io/engine-stream.ts';
import { OpenSslConnection } from '../../src/io/openssl-connection.ts';
import type { OpenSslContext } from '../../src/io/openssl-context.ts';
import { OpenSslShare } from '../../src/io/openssl-share.ts';
import type { OpenSsl } from '../../src/io/openssl.ts';
import type { Stream } from '../../src/session/stream.ts';
import type { FakeStreamOptions } from './fake-stream.ts';
import { FakeStream } from './fake-stream.ts';
import type { PlanWish } from './openssl-lab.ts';
import { LabAuthority, labPlan, MemoryEnd, USUAL_SERVER } from './openssl-lab.ts';
import type { Reactions } from './stream-recorder.ts';
import { StreamRecorder } from './stream-recorder.ts';
import { testShare } from './tls-layers.ts';

/** What a test wants. */
export interface SceneWish {
  /** Who we are. Default: the server. */
  readonly role?: 'server' | 'client';
  readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3';
  readonly wire?: FakeStreamOptions;
  readonly options?: Partial<EngineStreamOptions>;
  /** Whether the peer is accepted. Default: it is. */
  readonly accepts?: () => boolean;
  /** What we stand on, and what the peer does. Default: what all tests share. */
  readonly share?: OpenSslShare;
  readonly peerShare?: OpenSslShare;
  /** Called when the handshake is over. */
  readonly secured?: (scene: EngineScene) => void;
}

let authority: LabAuthority | undefined;

/** One authority for all tests of a process. */
export function sceneAuthority(): LabAuthority {
  authority ??= new LabAuthority();
  return authority;
}

/** A context of a side, as scenes have it. */
export function sceneContext(role: 'server' | 'client', wish: PlanWish = {}): OpenSslContext {
  const { certificate } = sceneAuthority();
  const part =
    role === 'server'
      ? { certificate: sceneAuthority().issue() }
      : { trust: { authorities: [certificate], revocationLists: [] } };
  return testShare().contexts.make(labPlan({ ...part, ...wish }));
}

const contexts = new Map<string, OpenSslContext>();

function contextOnce(role: 'server' | 'client', maxVersion: 'TLSv1.2' | 'TLSv1.3'): OpenSslContext {
  const key = `${role} ${maxVersion}`;
  const context = contexts.get(key) ?? sceneContext(role, { tls: { maxVersion } });
  contexts.set(key, context);
  return context;
}

/** A connection of a side. */
export function sceneConnection(
  role: 'server' | 'client',
  context: OpenSslContext = sceneContext(role),
  share: OpenSslShare = testShare(),
): OpenSslConnection {
  return new OpenSslConnection(share, context, role === 'client' ? USUAL_SERVER : undefined);
}

/** Begins TLS over a stream; the promise says what came of it: 'secured', or 'failed' with a code. */
export function beginOver(
  beneath: Stream,
  role: 'server' | 'client',
  options: Partial<EngineStreamOptions> = {},
): { readonly stream: EngineStream; readonly over: Promise<string> } {
  const full = { permitTruncation: false, ...options };
  const stream = new EngineStream(testShare(), sceneConnection(role), beneath, full);
  const over = new Promise<string>((resolve) =>
    stream.begin({
      accepts: () => true,
      secured: () => resolve('secured'),
      failed: (error) => resolve(`failed ${String(error?.message)}`),
    }),
  );
  return { stream, over };
}

/** A handshake that has begun, and what follows it. Nothing happens until the test goes on. */
export class EngineScene {
  readonly wire: FakeStream;
  readonly stream: EngineStream;
  readonly peer: MemoryEnd;
  readonly inside: StreamRecorder;
  /** What the watcher was told, in order: 'accepts', 'secured', 'failed', 'failed CODE'. */
  readonly told: string[] = [];
  readonly #connection: OpenSslConnection;
  #isPeerFreed = false;
  #carried = 0;

  constructor(wish: SceneWish = {}) {
    const { role = 'server', maxVersion = 'TLSv1.3', options, share = testShare() } = wish;
    const context = contextOnce(role, maxVersion);
    this.wire = new FakeStream(wish.wire);
    this.#connection = sceneConnection(role, context, share);
    const full = { permitTruncation: false, ...options };
    this.stream = new EngineStream(share, this.#connection, this.wire, full);
    this.inside = new StreamRecorder('inside', this.stream);
    const other = role === 'server' ? 'client' : 'server';
    const { peerShare = testShare() } = wish;
    const peer = sceneConnection(other, contextOnce(other, 'TLSv1.3'), peerShare);
    this.peer = new MemoryEnd(peerShare, peer);
    this.stream.begin({
      accepts: () => {
        this.told.push('accepts');
        return wish.accepts?.() ?? true;
      },
      secured: () => {
        this.told.push('secured');
        wish.secured?.(this);
      },
      failed: (error) => {
        const code = error !== undefined && 'code' in error ? ` ${String(error.code)}` : '';
        this.told.push(`failed${code}`);
      },
    });
  }

  /** A scene behind its handshake, with a listener. */
  static secured(wish: SceneWish = {}, reactions: Reactions = {}): EngineScene {
    const scene = new EngineScene(wish);
    scene.carry();
    assert.deepEqual(scene.told, ['accepts', 'secured']);
    scene.inside.listen(reactions);
    return scene;
  }

  /** What the peer has not seen yet of what we have sent. */
  unseen(): Buffer {
    const all = Buffer.from(this.wire.output, 'latin1');
    const fresh = all.subarray(this.#carried);
    this.#carried = all.length;
    return fresh;
  }

  /** Carries what either has to say until both are silent. */
  carry(): this {
    let answer = this.peer.take();
    for (;;) {
      if (answer.length > 0) this.wire.says(answer);
      this.wire.settle();
      const fresh = this.unseen();
      if (fresh.length === 0) return this;
      answer = this.peer.take(fresh);
    }
  }

  /** The peer says something; nobody hears it yet. */
  says(bytes: Uint8Array | string): this {
    this.wire.says(this.peer.say(bytes));
    return this;
  }

  /** What the peer heard so far. */
  get heard(): string {
    return this.peer.heard.toString('latin1');
  }

  /** What we heard. */
  get text(): string {
    return this.inside.bytes().toString('latin1');
  }

  /** Destroys what is left, and fails if a promise of the stream was broken. */
  [Symbol.dispose](): void {
    this.stream.destroy();
    if (!this.#isPeerFreed) this.peer.connection.free();
    this.#isPeerFreed = true;
    assert.deepEqual(this.inside.faults, []);
    const share = testShare();
    assert.deepEqual([share.takeBack().length, share.takeOutgoing().length], [0, 0]);
  }
}

/**
 * A peer whose keys a test changes as nothing in the engine does: it has a share of its own, which sees where
 * connections are.
 */
export class KeyChanger {
  readonly share: OpenSslShare;
  readonly #update: (ssl: number, type: number) => number;
  #ssl = 0;

  constructor() {
    const { openSsl } = testShare();
    const SSL_new = (context: number): number => (this.#ssl = openSsl.SSL_new(context));
    this.share = new OpenSslShare({ ...openSsl, SSL_new } as OpenSsl);
    const koffi = createRequire(import.meta.url)('koffi') as {
      load: (path: null) => { func: (signature: string) => (ssl: number, type: number) => number };
    };
    this.#update = koffi.load(null).func('int SSL_key_update(uint64 ssl, int type)');
  }

  /** What the connection that was made last says to change its keys, and to have ours changed (RFC 8446, 4.6.3). */
  changesKeys(): Buffer {
    const UPDATE_REQUESTED = 1;
    assert.equal(this.#update(this.#ssl, UPDATE_REQUESTED), 1);
    assert.equal(this.share.openSsl.SSL_do_handshake(this.#ssl), 1);
    return Buffer.from(this.share.takeOutgoing());
  }
}
