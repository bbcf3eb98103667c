// Each foreign function is called as it is declared, with what its manual says of it; and what is said where there is none to call.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { CallCounter } from '../../test/support/call-counter.ts';
import { testLibc } from '../../test/support/driver-needs.ts';
import { LabAuthority, SERVER_NAME } from '../../test/support/openssl-lab.ts';
import { needsOpenSsl } from '../../test/support/tls-layers.ts';
import * as constants from './openssl-constants.ts';
import type { OpenSsl } from './openssl.ts';
import { loadOpenSsl, readOpenSsl } from './openssl.ts';

const EMPTY_LIST = `-----BEGIN X509 CRL-----
MIGqMFMCAQEwCgYIKoZIzj0EAwIwFDESMBAGA1UEAwwJYXV0aG9yaXR5Fw0yNjEx
`; // of no authority: see `revocation lists` below

void EMPTY_LIST;

describe('the OpenSSL of this process', needsOpenSsl(), () => {
  const counter = new CallCounter(loadOpenSsl().openSsl ?? assert.fail());
  const { openSsl } = counter;
  const { parameters } = openSsl;
  const authority = new LabAuthority();
  const own = authority.issue();

  it('is OpenSSL 3', () => {
    assert.equal(Math.floor(openSsl.OpenSSL_version_num() / 2 ** 28), 3);
  });
});
