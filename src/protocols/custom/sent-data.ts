// What a script sends, as bytes of our own: what it does with its own afterwards changes nothing.

import type { Bytes } from '../../proxy/engine.ts';
import { showValue } from '../../proxy/policy-fault.ts';
import type { Parts } from './parts.ts';
import { encodeText } from './text-code.ts';

/** The bytes of a text, or a copy of bytes. */
export function bytesOf(
  data: unknown,
  { referee, settings }: Pick<Parts, 'referee' | 'settings'>,
): Bytes {
  const { encoding } = settings;
  if (data instanceof Uint8Array) return new Uint8Array(data);
  if (typeof data !== 'string')
    return referee.fail(`sent ${showValue(data)}: send a text or a Uint8Array`);
  const bytes = encodeText(data, encoding);
  return (
    bytes ?? referee.fail(`sent ${showValue(data)}: it has characters that ${encoding} has not`)
  );
}

/** The bytes of a line with its end. */
export function lineOf(line: unknown, parts: Pick<Parts, 'referee' | 'settings'>): Bytes {
  // What a peer said must not become two lines for the other one.
  if (typeof line !== 'string' || /[\r\n\0]/.test(line))
    return parts.referee.fail(
      `called sendLine(${showValue(line)}): give a text without CR, LF and NUL`,
    );
  return bytesOf(`${line}${parts.settings.lineEnd === 'lf' ? '\n' : '\r\n'}`, parts);
}
