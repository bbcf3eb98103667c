// The key of certificates made on the fly: one for all that an authority signs.

import type { KeyObject } from 'node:crypto';
import {
  createECDH,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hkdfSync,
} from 'node:crypto';
import type { Der } from './der-writer.ts';

/** A key pair on P-256. */
export interface ServerKey {
  /** With its algorithm, as it is encoded. */
  readonly publicKey: Der;
  /** PEM, PKCS #8. */
  readonly privateKey: string;
}

/** A new key. */
export function newServerKey(): ServerKey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'der' }),
    privateKey: pemOf(privateKey),
  };
}

/**
 * The key that belongs to the key of an authority: the same in every process that has that, so that it need never be
 * written down. Nobody learns the one from the other (HKDF, RFC 5869).
 */
export function deriveServerKey(authority: KeyObject): ServerKey {
  const { d: secret } = authority.export({ format: 'jwk' });
  if (secret === undefined)
    throw new Error('There is no private number in the key of the authority');
  const random = hkdfSync('sha256', Buffer.from(secret, 'base64url'), '', PURPOSE, RANDOM_BYTES);
  const { d, x, y } = numbersOf(Buffer.from(random));
  const key = { kty: 'EC', crv: 'P-256', d, x, y };
  const privateKey = createPrivateKey({ key, format: 'jwk' });
  return { publicKey: spkiOf(privateKey), privateKey: pemOf(privateKey) };
}

const PURPOSE = 'zorp: the key of certificates made on the fly, on P-256';
// 128 bits more than the order has, so that what is left of them is as good as even (FIPS 186-5, A.2.1).
const RANDOM_BYTES = 48;
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const NUMBER_BYTES = 32;

interface KeyNumbers {
  readonly d: string;
  readonly x: string;
  readonly y: string;
}

function numbersOf(random: Buffer): KeyNumbers {
  const number = (BigInt(`0x${random.toString('hex')}`) % (ORDER - 1n)) + 1n;
  const secret = Buffer.from(number.toString(16).padStart(NUMBER_BYTES * 2, '0'), 'hex');
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(secret);
  const point = curve.getPublicKey();
  const part = (index: number): string =>
    point.subarray(1 + index * NUMBER_BYTES, 1 + (index + 1) * NUMBER_BYTES).toString('base64url');
  return { d: secret.toString('base64url'), x: part(0), y: part(1) };
}

function spkiOf(privateKey: KeyObject): Der {
  return createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
}

function pemOf(privateKey: KeyObject): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
