// What is found about a chain has the name that Node has for it. More chains are in test/integration/tls-servers.test.ts.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { needs } from '../../test/support/needs.ts';
import { needsHeaders, readHeaders } from '../../test/support/openssl-headers.ts';
import { labPlan } from '../../test/support/openssl-lab.ts';
import { suiteOwner } from '../../test/support/system-process.ts';
import type { MadeCertificate } from '../../test/support/test-authority.ts';
import { TestAuthority } from '../../test/support/test-authority.ts';
import { needsOpenSsl, testShare } from '../../test/support/tls-layers.ts';
import { meet, sideOf } from '../../test/support/tls-meeting.ts';
import { findingInWords, findingOf } from './verify-result.ts';

const MAX_RESULT = 150; // OpenSSL 3.5 has 95
const LONG_AGO = { from: '20200101000000Z', to: '20210101000000Z' };
const IN_TIME = { from: '20600101000000Z', to: '20610101000000Z' };

function noWords(): string {
  return 'no words';
}

describe('what was found about a chain', () => {
  it('is nothing where nothing is wrong', () => {
    assert.equal(findingOf(0, noWords), undefined);
  });

  it('has the name that the headers of OpenSSL have for its number', needsHeaders(), () => {
    const named = new Map(
      [...readHeaders('x509_vfy')].filter(([name]) => name.startsWith('X509_V_ERR_')),
    );
    let count = 0;
    for (let result = 1; result < MAX_RESULT; result++) {
      const finding = findingOf(result, noWords) ?? assert.fail();
      if (finding === 'NO_WORDS') continue;
      count += 1;
      assert.equal(named.get(`X509_V_ERR_${finding}`), result, finding);
    }
    assert.ok(count > 20, `${count} have a name`);
  });

  it('is made of words where it has no name', needsOpenSsl(), () => {
    const { X509_verify_cert_error_string: explain } = testShare().openSsl;
    assert.equal(findingOf(47, explain), 'PERMITTED_SUBTREE_VIOLATION');
    assert.equal(findingOf(34, explain), 'UNHANDLED_CRITICAL_EXTENSION');
    assert.match(findingOf(9999, explain) ?? '', /^[A-Z0-9_]+$/);
    assert.equal(
      findingOf(9999, () => null),
      'UNKNOWN',
    );
  });

  it('is a name of capitals, whatever the words are', () => {
    assert.equal(findingInWords('EE certificate key too weak'), 'EE_CERTIFICATE_KEY_TOO_WEAK');
    assert.equal(findingInWords('name constraints (min, max)'), 'NAME_CONSTRAINTS_MIN_MAX_');
  });
});

describe('a chain that is wrong', { ...needs('openssl'), ...needsOpenSsl() }, () => {
  const owner = suiteOwner();
  let authority: TestAuthority;
  let stranger: TestAuthority;

  before(() => {
    authority = TestAuthority.make(owner);
    stranger = TestAuthority.make(owner, 'stranger');
  });

  interface Chain {
    readonly shown: () => MadeCertificate;
    readonly lists?: () => readonly string[];
    readonly finding: string | undefined;
  }

  const CHAINS: Readonly<Record<string, Chain>> = {
    'that is not': { shown: () => authority.issue('good.example'), finding: undefined },
    'that has expired': {
      shown: () => authority.issue('old.example', LONG_AGO),
      finding: 'CERT_HAS_EXPIRED',
    },
    'that is not yet valid': {
      shown: () => authority.issue('early.example', IN_TIME),
      finding: 'CERT_NOT_YET_VALID',
    },
    'that is for clients': {
      shown: () => authority.issue('a.example', { extensions: ['extendedKeyUsage=clientAuth'] }),
      finding: 'INVALID_PURPOSE',
    },
    'of nobody but itself': {
      shown: () => stranger.issueSelfSigned('alone.example', {}),
      finding: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    },
    'of an unknown authority that it shows': {
      shown: () => {
        const made = stranger.issue('strange.example');
        const certificate = stranger.join('strange', made.certificate, stranger.certificate);
        return { ...made, certificate };
      },
      finding: 'SELF_SIGNED_CERT_IN_CHAIN',
    },
    'whose signature is none': {
      shown: () => authority.spoil(authority.issue('spoiled.example')),
      finding: 'CERT_SIGNATURE_FAILURE',
    },
    'that is revoked': {
      shown: () => authority.issue('gone.example'),
      lists: () => [authority.revoke('gone.example')],
      finding: 'CERT_REVOKED',
    },
    'without a list of its authority': {
      shown: () => authority.issue('unlisted.example'),
      lists: () => [stranger.revoke()],
      finding: 'UNABLE_TO_GET_CRL',
    },
    'whose list is too old': {
      shown: () => authority.issue('listed.example'),
      lists: () => [authority.revokeLongAgo()],
      finding: 'CRL_HAS_EXPIRED',
    },
  };

  for (const [what, { shown, lists, finding }] of Object.entries(CHAINS))
    it(`is called what Node calls it: one ${what}`, async () => {
      const files = shown();
      const [certificate, privateKey] = [files.certificate, files.privateKey].map(textOf);
      assert.ok(certificate !== undefined && privateKey !== undefined);
      const own = { certificate, privateKey, passphrase: undefined };
      const trust = {
        authorities: [textOf(authority.certificate)],
        revocationLists: (lists?.() ?? []).map(textOf),
      };
      const server = sideOf('node', labPlan({ certificate: own }));
      for (const library of ['node', 'engine'] as const) {
        const { client } = await meet(sideOf(library, labPlan({ trust })), server);
        assert.ok(!('error' in client), JSON.stringify(client));
        assert.equal(client.finding, finding, library);
      }
    });
});

function textOf(file: string): string {
  return readFileSync(file, 'utf8');
}
