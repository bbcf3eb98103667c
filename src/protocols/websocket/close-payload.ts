// What a Close frame says (RFC 6455, 5.5.1 and 7.4): nothing, or a status code and a reason in UTF-8.

import { Buffer, isUtf8 } from 'node:buffer';
import type { Bytes } from '../../proxy/engine.ts';
import { Violation } from '../../proxy/violation.ts';
import { MAX_CONTROL_LENGTH } from './frame.ts';

/** Status codes that this proxy sends itself. */
export const GOING_AWAY = 1001;
export const PROTOCOL_ERROR = 1002;
export const NOT_ACCEPTABLE = 1003;
export const BAD_DATA = 1007;
export const POLICY_REFUSES = 1008;
export const TOO_LONG = 1009;
export const PROXY_FAILED = 1011;

const CODE_LENGTH = 2;

/** Throws for a payload that no Close frame may have. */
export function checkClose(payload: Bytes, side: 'client' | 'server'): void {
  if (payload.length === 0) return;
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  if (bytes.length < CODE_LENGTH || !isSendable(bytes.readUInt16BE(0)))
    throw new Violation('websocket.bad-close', side, 'A Close frame has no valid status code');
  if (!isUtf8(bytes.subarray(CODE_LENGTH)))
    throw new Violation('websocket.bad-utf8', side, 'The reason of a Close frame is not UTF-8');
}

/** The payload of a Close frame; the reason is cut to what has room, between two characters. */
export function closePayload(code: number, reason: string): Bytes {
  const text = Buffer.from(reason, 'utf8');
  let end = Math.min(text.length, MAX_CONTROL_LENGTH - CODE_LENGTH);
  while (end > 0 && end < text.length && ((text[end] ?? 0) & 0xc0) === 0x80) end--;
  const payload = Buffer.alloc(CODE_LENGTH + end);
  payload.writeUInt16BE(code, 0);
  text.copy(payload, CODE_LENGTH, 0, end);
  return payload;
}

/** Registered codes that may be sent, and those of libraries and applications (RFC 6455, 7.4.1, 7.4.2, and the registry). */
function isSendable(code: number): boolean {
  if (code >= 3000 && code <= 4999) return true;
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006;
}
