// The headers of OpenSSL, for tests of numbers that are written in them.
import { existsSync, readFileSync } from 'node:fs';

const FOLDER = '/usr/include/openssl';

/** Options for a test that needs them; with ZORP_TEST_NO_SKIP=1 missing ones are an error. */
export function needsHeaders(): { skip?: string } {
  if (existsSync(`${FOLDER}/x509_vfy.h`)) return {};
  const skip = 'the headers of OpenSSL are not installed: apt install libssl-dev';
  if (process.env['ZORP_TEST_NO_SKIP'] === '1') throw new Error(`Cannot run a test: ${skip}`);
  return { skip };
}

const DEFINED =
  /^# *define\s+(\w+)\s+\(?(?:SSL_OP_BIT\((\d+)\)|(0x[\da-fA-F]+|\d+)[UL]*)\)?\s*(?:$|\/\*)/gm;

/** What these headers define as a number, as it is written there or made of one bit. */
export function readHeaders(...names: readonly string[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const name of names) {
    const text = readFileSync(`${FOLDER}/${name}.h`, 'utf8').replaceAll('\\\n', ' ');
    for (const [, key = '', bit, number] of text.matchAll(DEFINED))
      found.set(key, bit === undefined ? Number(number) : 2 ** Number(bit));
  }
  return found;
}
