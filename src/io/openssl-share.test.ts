import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sceneConnection } from '../../test/support/engine-scene.ts';
import { carry, freeBoth, MemoryEnd } from '../../test/support/openssl-lab.ts';
import type { MemoryPair } from '../../test/support/openssl-lab.ts';
import { needsOpenSsl } from '../../test/support/tls-layers.ts';
import { addressOf, allocateGuarded } from './guarded-memory.ts';
import { OpenSslShare, TAKEN_BYTES } from './openssl-share.ts';
import { loadOpenSsl } from './openssl.ts';

describe('what connections of OpenSSL share', needsOpenSsl(), () => {
  const openSsl = loadOpenSsl().openSsl ?? assert.fail();
  const share = new OpenSslShare(openSsl);

  function secured(): MemoryPair & Disposable {
    const [client, server] = (['client', 'server'] as const).map(
      (role) => new MemoryEnd(share, sceneConnection(role, undefined, share)),
    );
    assert.ok(client !== undefined && server !== undefined);
    const pair = { client, server };
    carry(pair);
    assert.ok(client.isShaken && server.isShaken);
    return { ...pair, [Symbol.dispose]: () => freeBoth(pair) };
  }

  /** What a connection decrypts of what was said to it. */
  function decrypt(pair: MemoryPair, text: string): Uint8Array {
    share.put(pair.client.say(text));
    return share.decrypted(pair.server.connection);
  }

  it('gives back what was put and not read, once and in its order', () => {
    share.put(Buffer.from('one'));
    share.put(Buffer.alloc(0));
    share.put(Buffer.from('two'));
    assert.equal(Buffer.from(share.takeBack()).toString(), 'onetwo');
    assert.equal(share.takeBack().length, 0);
    const most = Buffer.alloc(TAKEN_BYTES, 'as much as there is room for');
    share.put(most);
    share.put(most);
    assert.deepEqual(Buffer.from(share.takeBack()), Buffer.concat([most, most]));
    share.put(Buffer.from('forgotten'));
    share.clear();
    assert.equal(share.takeBack().length, 0);
  });

  it('puts bytes from wherever they are, and never more than there is room for', () => {
    const memory = allocateGuarded(openSsl.libc, 65_536);
    memory.bytes.set(Buffer.from('guarded'));
    assert.ok(addressOf(memory.bytes) !== undefined);
    share.put(memory.bytes.subarray(0, 7));
    share.put(Buffer.from('+elsewhere'));
    assert.equal(Buffer.from(share.takeBack()).toString(), 'guarded+elsewhere');
    assert.throws(() => share.put(new Uint8Array(TAKEN_BYTES + 65_536)), RangeError);
    assert.equal(share.takeBack().length, 0);
  });

  it('lends what was decrypted, and what is decrypted meanwhile lies elsewhere', () => {
    using one = secured();
    using two = secured();
    const outer = decrypt(one, 'lent');
    assert.ok(addressOf(outer) !== undefined, 'it was not copied');
    share.lend(outer, () => {
      const inner = decrypt(two, 'meanwhile');
      share.lend(inner, () => {
        const innermost = decrypt(one, 'the same once more');
        assert.deepEqual(
          [outer, inner, innermost].map((bytes) => Buffer.from(bytes).toString()),
          ['lent', 'meanwhile', 'the same once more'],
        );
      });
      assert.equal(Buffer.from(decrypt(two, 'again')).toString(), 'again');
      assert.equal(Buffer.from(outer).toString(), 'lent');
      assert.equal(Buffer.from(inner).toString(), 'meanwhile');
    });
    assert.equal(addressOf(decrypt(one, 'after')), addressOf(outer), 'it is free again');
  });

  it('is no longer lent when whoever had it has failed', () => {
    using pair = secured();
    const lent = decrypt(pair, 'lent');
    const failing = (): never => {
      throw new TypeError('in a listener');
    };
    assert.throws(() => share.lend(lent, failing), TypeError);
    assert.equal(addressOf(decrypt(pair, 'after')), addressOf(lent));
  });

  it('decrypts nothing to nothing', () => {
    using pair = secured();
    assert.equal(share.decrypted(pair.server.connection).length, 0);
    share.put(pair.client.say('cut').subarray(0, 7));
    assert.equal(share.decrypted(pair.server.connection).length, 0);
  });

  it('writes from where bytes are copied to, for one call', () => {
    const address = share.copyIn(Buffer.from('copied'));
    assert.equal(Buffer.from(new Uint8Array(openSsl.libc.view(address, 6))).toString(), 'copied');
    assert.equal(share.copyIn(Buffer.from('other')), address);
  });

  it('cannot be had where there is no memory', () => {
    for (const missing of [{ BIO_new: () => 0 }, { BIO_write: () => -1 }]) {
      const make = (): void => new OpenSslShare({ ...openSsl, ...missing }).put(Buffer.from('x'));
      assert.throws(make, { name: 'Error' });
    }
  });
});
