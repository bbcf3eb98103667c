// Whatever a peer of the engine says, nobody but its own connection is concerned: nothing throws, nothing is heard that was not said
// in that order, and another connection that shares the memory goes on as ever.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { EngineScene, sceneConnection } from '../support/engine-scene.ts';
import { clientBeginnings, recordSizes } from '../support/hello-arbitraries.ts';
import type { MemoryPair } from '../support/openssl-lab.ts';
import { freeBoth, MemoryEnd } from '../support/openssl-lab.ts';
import { ChangedWay, changes } from '../support/tls-changes.ts';
import type { Change } from '../support/tls-changes.ts';
import { needsOpenSsl, testShare } from '../support/tls-layers.ts';
import { tryAll } from './run-law.ts';

const RUNS = 25; // each is two handshakes
const SAID = ['some ', 'more ', 'x'.repeat(3000), 'the end'];
const GOOD_PIECE = 60;

const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;
const SIDES = VERSIONS.flatMap((maxVersion) => [
  { role: 'server', maxVersion } as const,
  { role: 'client', maxVersion } as const,
]);
const side = fc.constantFrom(...SIDES);

/** A side, what happens to the bytes that it is sent, and in pieces of which sizes they come. */
interface Attempt {
  readonly side: (typeof SIDES)[number];
  readonly changes: readonly Change[];
  readonly sizes: readonly number[];
}

/** A connection that has nothing to do with what is tried, and gets on by some bytes whenever that does. */
class Bystander {
  readonly #pair: MemoryPair = {
    client: new MemoryEnd(testShare(), sceneConnection('client')),
    server: new MemoryEnd(testShare(), sceneConnection('server')),
  };
  #toServer: Buffer;
  #toClient: Buffer = Buffer.alloc(0);

  constructor() {
    this.#toServer = this.#pair.client.take();
  }

  /** Carries some bytes, one way or the other. False: all is said. */
  goesOn(): boolean {
    const { client, server } = this.#pair;
    if (this.#toServer.length > 0) {
      const answer = server.take(this.#toServer.subarray(0, GOOD_PIECE));
      this.#toServer = this.#toServer.subarray(GOOD_PIECE);
      this.#toClient = Buffer.concat([this.#toClient, answer]);
      return true;
    }
    if (this.#toClient.length === 0) return false;
    this.#toServer = client.take(this.#toClient.subarray(0, GOOD_PIECE));
    this.#toClient = this.#toClient.subarray(GOOD_PIECE);
    return true;
  }

  /** Fails unless it has come to a connection that carries bytes. */
  [Symbol.dispose](): void {
    try {
      while (this.goesOn());
      const { client, server } = this.#pair;
      assert.ok(client.isShaken && server.isShaken, 'a bystander was harmed');
      server.take(client.say('unharmed'));
      client.take(server.say('as ever'));
      assert.deepEqual([String(server.heard), String(client.heard)], ['unharmed', 'as ever']);
    } finally {
      freeBoth(this.#pair);
    }
  }
}

/** Says bytes to the side that is tried, in pieces of these sizes, while the bystander goes on. */
function sayInPieces(
  { scene, bystander }: { scene: EngineScene; bystander: Bystander },
  bytes: Buffer,
  sizes: readonly number[],
): void {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = Math.max(20, sizes[turn % sizes.length] ?? 20);
    scene.wire.says(bytes.subarray(at, at + size)).settle();
    at += size;
    const share = testShare();
    assert.deepEqual([share.takeBack().length, share.takeOutgoing().length], [0, 0]);
    bystander.goesOn();
  }
}

/** Whether it is in one of the states that there are, and says so once. */
function checkTold({ told }: EngineScene): void {
  const said = told.join();
  assert.match(said, /^$|^accepts,secured$|^failed( ERR_SSL_[A-Z0-9_/]+)?$/);
}

describe('the engine of TLS', needsOpenSsl(), () => {
  it('hears what was said, or the beginning of it, however that is changed on its way', () => {
    let good = 0;
    let secured = 0;
    const attempt = ({ side, changes, sizes }: Attempt): void => {
      using bystander = new Bystander();
      using scene = new EngineScene(side);
      const way = new ChangedWay(changes);
      let answer: Buffer = Buffer.concat([scene.peer.take(), scene.peer.take(scene.unseen())]);
      while (answer.length > 0) {
        sayInPieces({ scene, bystander }, way.pass(answer), sizes);
        answer = scene.peer.take(scene.unseen());
      }
      checkTold(scene);
      if (changes.length === 0) assert.deepEqual(scene.told, ['accepts', 'secured']);
      if (scene.told.length < 2) return;
      secured++;
      scene.inside.listen();
      if (!scene.peer.isShaken || !scene.peer.isOpen) return;
      for (const text of SAID)
        sayInPieces({ scene, bystander }, way.pass(scene.peer.say(text)), sizes);
      assert.ok(SAID.join('').startsWith(scene.text));
      if (scene.text === SAID.join('')) good++;
      else assert.notEqual(changes.length, 0);
    };
    for (const one of SIDES) attempt({ side: one, changes: [], sizes: [20] });
    assert.deepEqual([secured, good], [SIDES.length, SIDES.length]);
    tryAll(fc.record({ side, changes, sizes: recordSizes }), attempt, { runs: RUNS });
  });

  it('takes whatever a client may begin with', () => {
    let answered = 0;
    tryAll(
      fc.record({ hello: clientBeginnings, sizes: recordSizes, maxVersion: side }),
      ({ hello, sizes, maxVersion }) => {
        using bystander = new Bystander();
        using scene = new EngineScene({ ...maxVersion, role: 'server' });
        sayInPieces({ scene, bystander }, hello, sizes);
        checkTold(scene);
        assert.notEqual(scene.told[0], 'accepts', 'no client ends a handshake by its first bytes');
        if (scene.wire.output.startsWith('\x16')) answered++;
      },
      { runs: 4 * RUNS }, // one in five is a good one
    );
    assert.ok(answered > 0, 'some are good');
  });

  it('takes whatever a server may answer', () => {
    const records = fc.array(
      fc.oneof(
        fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
        fc
          .tuple(fc.constantFrom(20, 21, 22, 23, 24), fc.uint8Array({ maxLength: 80 }))
          .map(([type, bytes]) => Buffer.from([type, 3, 3, 0, bytes.length, ...bytes])),
        fc
          .tuple(
            fc.constantFrom(0, 1, 2, 4, 8, 11, 13, 14, 15, 20, 22, 24),
            fc.uint8Array({ maxLength: 90 }),
          )
          .map(([type, bytes]) =>
            Buffer.from([22, 3, 3, 0, bytes.length + 4, type, 0, 0, bytes.length, ...bytes]),
          ),
      ),
      { maxLength: 6 },
    );
    tryAll(
      fc.record({ records, sizes: recordSizes }),
      ({ records, sizes }) => {
        using bystander = new Bystander();
        using scene = new EngineScene({ role: 'client' });
        sayInPieces({ scene, bystander }, Buffer.concat(records), sizes);
        checkTold(scene);
        assert.notEqual(scene.told[0], 'accepts');
      },
      { runs: RUNS },
    );
  });
});
