// SHA-1 (RFC 3174), which the handshake of WebSocket asks for (RFC 6455, 1.3). It proves nothing and keeps no secret: it
// only shows that a server has understood the request. So these lines, in the pure part, are better than a way to the
// cryptography of the platform through every engine; a test compares them with it.

import { Buffer } from 'node:buffer';
import type { Bytes } from '../../proxy/engine.ts';

const BLOCK = 64;
const ROUNDS = 80;
// A bit of one, and the length in 8 bytes, have to follow the message.
const PADDING = 9;

/** The digest of bytes: 20 bytes. */
export function sha1(bytes: Bytes): Buffer {
  const blocks = Math.ceil((bytes.length + PADDING) / BLOCK);
  const message = Buffer.alloc(blocks * BLOCK);
  message.set(bytes);
  message[bytes.length] = 0x80;
  message.writeBigUInt64BE(BigInt(bytes.length) * 8n, message.length - 8);
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);
  const words = new Int32Array(ROUNDS);
  for (let at = 0; at < message.length; at += BLOCK) {
    expand(message, at, words);
    mix(state, words);
  }
  const digest = Buffer.alloc(20);
  for (const [index, word] of state.entries()) digest.writeInt32BE(word, index * 4);
  return digest;
}

/** The 80 words of a block. */
function expand(message: Buffer, start: number, words: Int32Array): void {
  for (let index = 0; index < 16; index++) words[index] = message.readInt32BE(start + index * 4);
  const word = (index: number): number => words[index] ?? 0;
  for (let index = 16; index < ROUNDS; index++)
    words[index] = rotate(
      word(index - 3) ^ word(index - 8) ^ word(index - 14) ^ word(index - 16),
      1,
    );
}

function mix(state: Int32Array, words: Int32Array): void {
  let [a = 0, b = 0, c = 0, d = 0, e = 0] = state;
  for (let index = 0; index < ROUNDS; index++) {
    const next = (rotate(a, 5) + choose(index, b, c, d) + e + (words[index] ?? 0)) | 0;
    [e, d, c, b, a] = [d, c, rotate(b, 30), a, next];
  }
  for (const [index, value] of [a, b, c, d, e].entries())
    state[index] = ((state[index] ?? 0) + value) | 0;
}

/** The function of a round with its constant. */
function choose(round: number, b: number, c: number, d: number): number {
  if (round < 20) return ((b & c) | (~b & d)) + 0x5a827999;
  if (round < 40) return (b ^ c ^ d) + 0x6ed9eba1;
  if (round < 60) return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
  return (b ^ c ^ d) + 0xca62c1d6;
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
