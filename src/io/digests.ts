// Digests with a key, from Node's own crypto.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Digests } from '../session/outside.ts';

const KEY_BYTES = 32; // as long as the digest: nothing shorter is as hard to guess

/** HMAC-SHA-256 and secrets. */
export const systemDigests: Digests = {
  newKey: () => randomBytes(KEY_BYTES).toString('base64url'),
  mac: (key, text) => createHmac('sha256', key).update(text, 'utf8').digest('base64url'),
  equal: (one, other) => {
    const [left, right] = [Buffer.from(one, 'utf8'), Buffer.from(other, 'utf8')];
    return left.length === right.length && timingSafeEqual(left, right);
  },
};
