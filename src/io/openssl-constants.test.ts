// The constants that Node knows too are the same, and all of them are those of the headers of OpenSSL; the calls that take them are
// in openssl.test.ts.
import assert from 'node:assert/strict';
import { constants as crypto } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import * as constants from './openssl-constants.ts';

const HEADERS = '/usr/include/openssl';
const { PROTOCOL_VERSIONS, ...NUMBERS } = constants;

/** Options for a test that needs the headers. */
function needsHeaders(): { skip?: string } {
  if (globSync(`${HEADERS}/x509_vfy.h`).length > 0) return {};
  const skip = 'the headers of OpenSSL are not installed: apt install libssl-dev';
  if (process.env['ZORP_TEST_NO_SKIP'] === '1') throw new Error(`Cannot run a test: ${skip}`);
  return { skip };
}

/** What the headers define as a number, as it is written there or made of one bit. */
function readHeaders(): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const name of ['ssl', 'tls1', 'ssl3', 'prov_ssl', 'bio', 'x509_vfy']) {
    const text = readFileSync(`${HEADERS}/${name}.h`, 'utf8').replaceAll('\\\n', ' ');
    const defined =
      /^# *define\s+(\w+)\s+\(?(?:SSL_OP_BIT\((\d+)\)|(0x[\da-fA-F]+|\d+)[UL]*)\)?\s*(?:$|\/\*)/gm;
    for (const [, key = '', bit, number] of text.matchAll(defined))
      found.set(key, bit === undefined ? Number(number) : 2 ** Number(bit));
  }
  return found;
}

describe('the constants of OpenSSL', () => {
  it('agree with those of Node', () => {
    const known: Readonly<Record<string, number | string>> = { ...crypto };
    const shared = Object.entries(NUMBERS).filter(([name]) => name in known);
    assert.ok(shared.length >= 3, shared.join());
    for (const [name, value] of shared) assert.equal(value, known[name], name);
    const names = ['TLS1_VERSION', 'TLS1_1_VERSION', 'TLS1_2_VERSION', 'TLS1_3_VERSION'];
    assert.deepEqual(
      Object.values(PROTOCOL_VERSIONS),
      names.map((name) => known[name]),
    );
  });

  it('are those of the headers', needsHeaders(), () => {
    const defined = readHeaders();
    for (const [name, value] of Object.entries(NUMBERS))
      assert.equal(value, defined.get(name), name);
  });
});
