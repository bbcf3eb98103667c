import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { needs } from '../../test/support/needs.ts';
import { idleProxy } from '../../test/support/policy-samples.ts';
import { readLive } from '../../test/support/read-live.ts';
import { suiteOwner } from '../../test/support/system-process.ts';
import { TestAuthority } from '../../test/support/test-authority.ts';
import type { StaticCertificateOptions } from '../policy/certificate-source.ts';
import { dynamicCertificate, staticCertificate } from '../policy/certificate-source.ts';
import { definePolicy } from '../policy/define-policy.ts';
import type { Encryption } from '../policy/encryption.ts';
import {
  clientOnlyEncryption,
  serverOnlyEncryption,
  twoSidedEncryption,
} from '../policy/encryption.ts';
import { listener } from '../policy/listener.ts';
import type { Policy } from '../policy/policy.ts';
import { service } from '../policy/service.ts';
import { checkCertificates } from './check-certificates.ts';
import { PolicyLoadError } from './load-fault.ts';

const DAY_MS = 24 * 3600 * 1000;

describe('checkCertificates()', needs('openssl'), () => {
  const owner = suiteOwner();
  let authority: TestAuthority;
  before(() => {
    authority = TestAuthority.make(owner);
  });

  function policyOf(make: () => Encryption): Policy {
    const encryption = readLive(make);
    const made = service('web', { proxy: idleProxy(), encryption });
    return definePolicy({ zones: [], listeners: [listener('127.0.0.1:1', made)] });
  }

  function shown(options: StaticCertificateOptions): Policy {
    return policyOf(() => clientOnlyEncryption({ clientCertificate: staticCertificate(options) }));
  }

  function faultOf(policy: Policy, now = Date.now(), count = 1): string {
    try {
      checkCertificates(policy, now);
    } catch (error) {
      assert.ok(error instanceof PolicyLoadError);
      assert.deepEqual(
        error.faults.map(({ code }) => code),
        Array<string>(count).fill('policy.certificate'),
      );
      return error.message;
    }
    return 'none';
  }

  it('accepts a certificate that fits and is valid', () => {
    assert.equal(faultOf(shown(authority.issue('www.example'))), 'none');
    assert.equal(faultOf(policyOf(() => serverOnlyEncryption())), 'none');
  });

  it('refuses a key that is another one, and a date that is not now', () => {
    const { certificate } = authority.issue('one.example');
    const { privateKey } = authority.issue('two.example');
    const mixed = faultOf(shown({ certificate, privateKey }));
    assert.match(
      mixed,
      /check-certificates\.test\.ts:\d+:\d+: certificate .*one\.example\.pem with key/,
    );
    assert.match(
      mixed,
      /key values mismatch: give the private key that the certificate was made for$/,
    );
    const policy = shown(authority.issue('www.example'));
    assert.match(faultOf(policy, Date.now() + 60 * DAY_MS), /give one that has not expired/);
    assert.match(faultOf(policy, Date.now() - 60 * DAY_MS), /correct the clock of this machine/);
  });

  it('refuses an authority that cannot sign', () => {
    const signing = (files: StaticCertificateOptions, other = files): Policy =>
      policyOf(() =>
        twoSidedEncryption({
          clientCertificate: dynamicCertificate({ authority: files, untrustedAuthority: other }),
        }),
      );
    const extensions = ['basicConstraints=critical,CA:TRUE', 'keyUsage=keyCertSign'];
    const good = authority.issue('signer', { extensions });
    assert.equal(faultOf(signing(good)), 'none');
    assert.match(
      faultOf(signing(good, authority.issue('leaf.example'))),
      /certificate .*leaf\.example\.pem with key .* is no authority.*: give the certificate of an authority/,
    );
    assert.match(faultOf(signing(good), Date.now() + 60 * DAY_MS, 2), /make a new one/);
    const { privateKey } = authority.issue('other.example');
    assert.match(faultOf(signing(good, { ...good, privateKey })), /does not fit its private key/);
  });

  it('refuses a key that is too weak, and what OpenSSL does not know', () => {
    const key = ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024'];
    assert.match(faultOf(shown(authority.issue('weak.example', { key }))), /2048 bits or more/);
    const ciphers = policyOf(() => serverOnlyEncryption({ serverTls: { ciphers: 'NOTHING' } }));
    assert.match(faultOf(ciphers), /the encryption policy cannot be used: .*: correct ciphers$/);
    const groups = policyOf(() => serverOnlyEncryption({ serverTls: { groups: 'NOTHING' } }));
    assert.match(faultOf(groups), /correct groups|correct the files/);
  });
});
