import assert from 'node:assert/strict';
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hkdfSync,
  sign,
  verify,
} from 'node:crypto';
import { describe, it } from 'node:test';
import type { ServerKey } from './server-key.ts';
import { deriveServerKey, newServerKey } from './server-key.ts';

function isPair({ publicKey, privateKey }: ServerKey): boolean {
  const data = Buffer.from('a handshake');
  const key = createPublicKey({ key: Buffer.from(publicKey), type: 'spki', format: 'der' });
  assert.equal(key.asymmetricKeyDetails?.namedCurve, 'prime256v1');
  return verify('sha256', data, key, sign('sha256', data, createPrivateKey(privateKey)));
}

describe('newServerKey()', () => {
  it('is another one each time', () => {
    const [one, other] = [newServerKey(), newServerKey()];
    assert.ok(isPair(one) && isPair(other));
    assert.notDeepEqual(one.publicKey, other.publicKey);
  });
});

describe('deriveServerKey()', () => {
  it('is the same for the same key of an authority, however that is written, and no other', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const made = deriveServerKey(privateKey);
    assert.ok(isPair(made));
    const written = (['pkcs8', 'sec1'] as const).map((type) =>
      createPrivateKey(privateKey.export({ type, format: 'pem' })),
    );
    for (const again of written) assert.deepEqual(deriveServerKey(again), made);
    const others = [
      generateKeyPairSync('ec', { namedCurve: 'P-256' }),
      generateKeyPairSync('ec', { namedCurve: 'P-384' }),
      generateKeyPairSync('rsa', { modulusLength: 2048 }),
    ].map(({ privateKey: key }) => deriveServerKey(key));
    assert.ok(others.every(isPair));
    const keys = [made, ...others].map(({ publicKey }) => Buffer.from(publicKey).toString('hex'));
    assert.equal(new Set(keys).size, 4);
  });

  it('is what the RFC makes of it', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { d = '' } = privateKey.export({ format: 'jwk' });
    const purpose = 'zorp: the key of certificates made on the fly, on P-256';
    const random = hkdfSync('sha256', Buffer.from(d, 'base64url'), '', purpose, 48);
    const order = BigInt(
      '115792089210356248762697446949407573529996955224135760342422259061068512044369',
    );
    const expected = (BigInt(`0x${Buffer.from(random).toString('hex')}`) % (order - 1n)) + 1n;
    const made = createPrivateKey(deriveServerKey(privateKey).privateKey).export({ format: 'jwk' });
    assert.equal(BigInt(`0x${Buffer.from(made.d ?? '', 'base64url').toString('hex')}`), expected);
  });
});
