import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import fc from 'fast-check';
import { needs } from '../../test/support/needs.ts';
import type { AnswerWish } from '../../test/support/ocsp-answers.ts';
import { ocspAnswer } from '../../test/support/ocsp-answers.ts';
import { run, suiteOwner } from '../../test/support/system-process.ts';
import type { MadeCertificate } from '../../test/support/test-authority.ts';
import { TestAuthority } from '../../test/support/test-authority.ts';
import { checkStaple, mustStaple } from './staple-check.ts';

const DAY_MS = 86_400_000;
const SIGNING = 'extendedKeyUsage=OCSPSigning';

/** What is wished of an answer, what becomes of it here, and whether `openssl ocsp` believes it, too. */
type Case = readonly [what: string, wish: () => AnswerWish, verdict: string, openssl: boolean];

describe('checkStaple()', needs('openssl'), () => {
  const owner = suiteOwner();
  let authority: TestAuthority;
  let stranger: TestAuthority;
  let server: MadeCertificate;
  let delegate: MadeCertificate;
  let other: MadeCertificate;
  let expired: MadeCertificate;

  before(() => {
    authority = TestAuthority.make(owner, 'root');
    stranger = TestAuthority.make(owner, 'root');
    server = authority.issue('www.example');
    other = authority.issue('other.example');
    delegate = authority.issue('responder', { extensions: [SIGNING] });
    const [from, to] = ['20200101000000Z', '20210101000000Z'];
    expired = authority.issue('old-responder', { extensions: [SIGNING], from, to });
  });

  function chain(): readonly X509Certificate[] {
    return [server.certificate, authority.certificate].map(
      (file) => new X509Certificate(readFileSync(file)),
    );
  }

  function check(wish: AnswerWish, about = server): string {
    const staple = ocspAnswer(about.certificate, authority.made, wish);
    const verdict = checkStaple(staple, chain(), Date.now());
    return verdict.kind === 'invalid' ? verdict.why : verdict.kind;
  }

  /** Whether `openssl ocsp` believes an answer, and what it says then. */
  async function verdict(staple: Buffer, digest = 'sha1'): Promise<string | undefined> {
    const file = `${authority.folder}/answer.der`;
    writeFileSync(file, staple);
    const { stdout, stderr } = await run(owner, [
      ...(['openssl', 'ocsp', '-respin', file, '-issuer', authority.certificate] as const),
      ...[`-${digest}`, '-cert', server.certificate, '-CAfile', authority.certificate, '-no_nonce'],
    ]);
    if (!stderr.includes('Response verify OK') || stdout.includes('WARNING')) return undefined;
    return /www\.example\.pem: (\w+)/.exec(stdout)?.[1];
  }

  const unsigned = 'nobody has signed it who may do so for the authority of the certificate';
  const cases: readonly Case[] = [
    ['good', () => ({}), 'good', true],
    ['revoked', () => ({ status: 'revoked' }), 'revoked', true],
    ['unknown', () => ({ status: 'unknown' }), 'the responder does not know the certificate', true],
    ['by key', () => ({ byKey: true }), 'good', true],
    ['with SHA-256', () => ({ digest: 'sha256' }), 'good', true],
    ['of a delegate', () => ({ signer: delegate, showsSigner: true }), 'good', true],
    ['of a delegate that is not shown', () => ({ signer: delegate }), unsigned, false],
    [
      'of a delegate that has expired',
      () => ({ signer: expired, showsSigner: true }),
      unsigned,
      false,
    ],
    ['of a server of the authority', () => ({ signer: other, showsSigner: true }), unsigned, false],
    ['of the server itself', () => ({ signer: server, showsSigner: true }), unsigned, false],
    [
      'of a stranger with its name',
      () => ({ signer: stranger.made, showsSigner: true }),
      unsigned,
      false,
    ],
    [
      'too old',
      () => ({ thisUpdate: Date.now() - 2 * DAY_MS, nextUpdate: Date.now() - DAY_MS }),
      'it is too old',
      false,
    ],
    [
      'of the future',
      () => ({ thisUpdate: Date.now() + DAY_MS, nextUpdate: Date.now() + 2 * DAY_MS }),
      'it is of the future',
      false,
    ],
    [
      'that ends before it begins',
      () => ({ thisUpdate: Date.now(), nextUpdate: Date.now() - 60_000 }),
      'it ends before it begins',
      false,
    ],
    ['without an end', () => ({ nextUpdate: null }), 'good', true],
    [
      'without an end, of last week',
      () => ({ nextUpdate: null, thisUpdate: Date.now() - 7 * DAY_MS }),
      'it is too old',
      true,
    ],
  ];

  for (const [what, wish, expected, openssl] of cases)
    it(`judges one that is ${what}`, async () => {
      assert.equal(check(wish()), expected);
      const staple = ocspAnswer(server.certificate, authority.made, wish());
      const said = await verdict(staple, wish().digest);
      assert.equal(said !== undefined, openssl, said);
      if (openssl && (expected === 'good' || expected === 'revoked')) assert.equal(said, expected);
    });

  it('judges those that openssl makes', async () => {
    const { serialNumber } = new X509Certificate(readFileSync(server.certificate));
    for (const [line, expected] of [
      [`V\t491231000000Z\t\t${serialNumber}\tunknown\t/CN=www.example\n`, 'good'],
      [`R\t491231000000Z\t250101000000Z\t${serialNumber}\tunknown\t/CN=www.example\n`, 'revoked'],
      ['', 'invalid'],
    ] as const) {
      const [index, out] = [`${authority.folder}/ocsp-index.txt`, `${authority.folder}/made.der`];
      writeFileSync(index, line);
      const { certificate, privateKey } = authority.made;
      await run(owner, [
        ...([
          'openssl',
          'ocsp',
          '-index',
          index,
          '-CA',
          certificate,
          '-rsigner',
          certificate,
        ] as const),
        ...['-rkey', privateKey, '-issuer', certificate, '-cert', server.certificate],
        ...['-ndays', '1', '-respout', out],
      ]);
      assert.equal(checkStaple(readFileSync(out), chain(), Date.now()).kind, expected);
    }
  });

  it('believes what openssl signs with RSASSA-PSS, and not with SHA-1', async () => {
    const key = ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'];
    const responder = authority.issue('rsa-responder', { extensions: [SIGNING], key });
    const [index, out] = [`${authority.folder}/pss-index.txt`, `${authority.folder}/pss.der`];
    const { serialNumber } = new X509Certificate(readFileSync(server.certificate));
    writeFileSync(index, `V\t491231000000Z\t\t${serialNumber}\tunknown\t/CN=www.example\n`);
    const { certificate } = authority.made;
    for (const [digest, expected] of [
      ['sha256', 'good'],
      ['sha512', 'good'],
      ['sha1', 'invalid'],
    ] as const) {
      await run(owner, [
        ...(['openssl', 'ocsp', '-index', index, '-CA', certificate] as const),
        ...['-rsigner', responder.certificate, '-rkey', responder.privateKey],
        ...['-rmd', digest, '-rsigopt', 'rsa_padding_mode:pss'],
        ...['-issuer', certificate, '-cert', server.certificate, '-ndays', '1', '-respout', out],
      ]);
      assert.equal(checkStaple(readFileSync(out), chain(), Date.now()).kind, expected, digest);
    }
  });

  it('takes none that is about another certificate', () => {
    assert.equal(check({}, other), 'it is about another certificate');
    const staple = ocspAnswer(server.certificate, stranger.made);
    const verdict = checkStaple(staple, chain(), Date.now());
    assert.deepEqual(verdict, { kind: 'invalid', why: 'it is about another certificate' });
  });

  it('misses one that is not there, or where nobody knows the issuer', () => {
    assert.deepEqual(checkStaple(undefined, chain(), Date.now()), { kind: 'missing' });
    const staple = ocspAnswer(server.certificate, authority.made);
    assert.deepEqual(checkStaple(staple, chain().slice(0, 1), Date.now()), { kind: 'missing' });
    assert.deepEqual(checkStaple(staple, [], Date.now()), { kind: 'missing' });
  });

  it('believes no changed one, and fails on none', () => {
    const staple = ocspAnswer(server.certificate, authority.made, { showsSigner: true });
    const certificates = chain();
    // What is changed in the certificate of the signer, or in how its parts are called, changes nothing of what is said.
    fc.assert(
      fc.property(fc.nat(200), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const changed = Buffer.from(staple);
        changed[at] = (changed[at] ?? 0) ^ by;
        assert.equal(checkStaple(changed, certificates, Date.now()).kind, 'invalid');
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        assert.equal(checkStaple(bytes, certificates, Date.now()).kind, 'invalid');
      }),
    );
  });

  it('knows certificates that demand one', () => {
    const asks = (name: string, feature: string): boolean => {
      const extensions = ['subjectAltName=DNS:www.example', ...(feature === '' ? [] : [feature])];
      const { certificate } = authority.issue(name, { extensions });
      return mustStaple(new X509Certificate(readFileSync(certificate)));
    };
    assert.equal(asks('must', 'tlsfeature=status_request'), true);
    assert.equal(asks('must-more', 'tlsfeature=status_request_v2,status_request'), true);
    assert.equal(asks('may', ''), false);
    assert.equal(asks('odd', '1.3.6.1.5.5.7.1.24=DER:0500'), true);
  });
});
