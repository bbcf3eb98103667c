// The constants that Node knows too are the same, and all of them are those of the headers of OpenSSL; the calls that
// take them are in openssl.test.ts.
import assert from 'node:assert/strict';
import { constants as crypto } from 'node:crypto';
import { describe, it } from 'node:test';
import { needsHeaders, readHeaders } from '../../test/support/openssl-headers.ts';
import * as constants from './openssl-constants.ts';

const { PROTOCOL_VERSIONS, ...NUMBERS } = constants;

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
    const defined = readHeaders('ssl', 'tls1', 'ssl3', 'prov_ssl', 'bio', 'x509_vfy');
    for (const [name, value] of Object.entries(NUMBERS))
      assert.equal(value, defined.get(name), name);
  });
});
