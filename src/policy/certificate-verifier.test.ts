import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { takeLiveInputs } from '../proxy/live-input.ts';
import { clientVerify, serverVerify, verifierOf } from './certificate-verifier.ts';

function factory(): void {
  // stands for the function of the vocabulary
}

function cureOf(schema: typeof serverVerify | typeof clientVerify, given: object): string {
  return schema.safeParse(given).error?.issues[0]?.message ?? 'nothing is wrong';
}

describe('what is asked of certificates', () => {
  it('of servers is that an authority of the system vouches for the name', () => {
    const verifier = verifierOf(serverVerify.parse({}), factory);
    assert.deepEqual(verifier, {
      trusted: true,
      maxDepth: 4,
      ocsp: 'check',
      permitMissingRevocationList: false,
      permitInvalidCertificates: false,
      required: true,
      checkName: true,
      authorities: [],
      revocationLists: [],
      pinned: new Map(),
    });
  });

  it('of clients is that they show one of an authority that the policy names', () => {
    assert.match(
      cureOf(clientVerify, {}),
      /give the authorities that sign certificates of clients/,
    );
    const verifier = verifierOf(clientVerify.parse({ authorities: 'ca.pem' }), factory);
    assert.deepEqual(
      [verifier.required, verifier.trusted, verifier.checkName],
      [true, true, false],
    );
    assert.equal(
      verifierOf(clientVerify.parse({ trusted: false, required: false }), factory).required,
      false,
    );
  });

  it('has its files read', () => {
    takeLiveInputs();
    const pinned = { 'www.example': 'www.pem', '192.0.2.1:443': 'other.pem' };
    const options = { authorities: ['a.pem', 'b.pem'], revocationLists: 'r.crl', pinned };
    const verifier = verifierOf(serverVerify.parse(options), factory);
    const paths = takeLiveInputs().map((input) => (input.kind === 'live-file' ? input.path : ''));
    assert.deepEqual(paths, ['a.pem', 'b.pem', 'r.crl', 'www.pem', 'other.pem']);
    assert.equal(verifier.pinned.get('www.example')?.path, 'www.pem');
  });

  it('refuses what could not be meant', () => {
    assert.match(cureOf(serverVerify, { permitInvalidCertificates: true }), /with trusted: false/);
    assert.match(cureOf(serverVerify, { maxDepth: -1 }), /0 to 20/);
    assert.match(cureOf(serverVerify, { authorities: 7 }), /path of a (?:PEM )?file/);
    assert.match(
      cureOf(serverVerify, { pinned: { 'WWW.example': 'a.pem' } }),
      /Invalid key|lower case/,
    );
    assert.match(cureOf(serverVerify, { trusted: 'no' }), /true or false/);
    assert.match(cureOf(serverVerify, { required: true }), /nrecognized/);
  });
});
