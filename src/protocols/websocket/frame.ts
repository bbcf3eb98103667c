// Frames of WebSocket (RFC 6455, 5.2): how their heads look, and how their payload is masked.

import { Buffer } from 'node:buffer';
import type { Bytes } from '../../proxy/engine.ts';

export const CONTINUATION = 0x0;
export const TEXT = 0x1;
export const BINARY = 0x2;
export const CLOSE = 0x8;
export const PING = 0x9;
export const PONG = 0xa;

/** The names of the opcodes that there are; all others are reserved. */
export const OPCODE_NAMES: Readonly<Record<number, string>> = {
  [CONTINUATION]: 'continuation',
  [TEXT]: 'text',
  [BINARY]: 'binary',
  [CLOSE]: 'close',
  [PING]: 'ping',
  [PONG]: 'pong',
};

/** The longest payload of a control frame (RFC 6455, 5.5). */
export const MAX_CONTROL_LENGTH = 125;

/** The bit of the first byte that ends a message, and that of the second one that says that the payload is masked. */
export const FIN = 0x80;
export const MASKED = 0x80;

/** Lengths of the second byte that stand for longer ones, which follow it in 2 bytes, or in 8. */
export const LENGTH_IN_2 = 126;
export const LENGTH_IN_8 = 127;
export const MAX_LENGTH_IN_2 = 0xffff;

const KEY_LENGTH = 4;

/** The head of a frame. */
export interface FrameHead {
  /** Whether the message ends with this frame. */
  readonly isFinal: boolean;
  readonly opcode: number;
  /** Bytes of the payload. */
  readonly length: number;
  /** The masking key, first byte highest; undefined in frames of servers, which are not masked. */
  readonly key: number | undefined;
}

/** Whether an opcode is that of a control frame. */
export function isControl(opcode: number): boolean {
  return opcode >= CLOSE;
}

/** The bytes of a head, with the length in as few bytes as it needs. */
export function headBytes({ isFinal, opcode, length, key }: FrameHead): Bytes {
  const start = lengthBytes(length);
  const bytes = Buffer.alloc(1 + start.length + (key === undefined ? 0 : KEY_LENGTH));
  bytes[0] = (isFinal ? FIN : 0) | opcode;
  bytes.set(start, 1);
  if (key === undefined) return bytes;
  bytes[1] = (start[0] ?? 0) | MASKED;
  bytes.writeUInt32BE(key, 1 + start.length);
  return bytes;
}

function lengthBytes(length: number): Buffer {
  if (length <= MAX_CONTROL_LENGTH) return Buffer.of(length);
  const bytes = Buffer.alloc(length <= MAX_LENGTH_IN_2 ? 3 : 9);
  if (bytes.length === 3) bytes.writeUInt16BE(length, 1);
  else bytes.writeBigUInt64BE(BigInt(length), 1);
  bytes[0] = bytes.length === 3 ? LENGTH_IN_2 : LENGTH_IN_8;
  return bytes;
}

/** A whole frame of its own bytes; `payload` is not masked yet. */
export function frameBytes(
  opcode: number,
  payload: Bytes,
  key: number | undefined,
  isFinal = true,
): Bytes {
  const head = headBytes({ isFinal, opcode, length: payload.length, key });
  const bytes = Buffer.concat([head, payload]);
  if (key !== undefined) mask(bytes.subarray(head.length), key, 0);
  return bytes;
}

/** Masks bytes in place, or unmasks them: both are the same. `offset` is the place of the first one in its payload. */
export function mask(bytes: Bytes, key: number, offset: number): void {
  for (let index = 0; index < bytes.length; index++)
    bytes[index] = (bytes[index] ?? 0) ^ maskByte(key, offset + index);
}

/** What the byte at this place of a payload is masked with. */
export function maskByte(key: number, place: number): number {
  return (key >>> (24 - 8 * (place & 3))) & 0xff;
}
