// Servers of TLS that should not be trusted, each for one reason.
import { AUTHORITY, bad, chain, names, NAME, padded, SERVER, USE } from './tls-servers.ts';
import type { CertificateMaker, RawServer, ServerCase, ShownServer } from './tls-servers.ts';
import type { AnswerWish } from './ocsp-answers.ts';
import { ocspAnswer } from './ocsp-answers.ts';
import type { MadeCertificate } from './test-authority.ts';
import { TestAuthority } from './test-authority.ts';
import type { SecureContextOptions } from 'node:tls';

const MEBIBYTE = 1_048_576;

/** www.example\0.evil, as the one name of a server. */
const NAME_WITH_NUL = '301382117777772e6578616d706c65002e6576696c';
const LONG_AGO = { from: '20200101000000Z', to: '20210101000000Z' };

export function badServers(maker: CertificateMaker): readonly ServerCase[] {
  return [
    ...dates(maker),
    ...issuers(maker),
    ...constraints(maker),
    ...wrongNames(maker),
    ...onLists(maker),
    ...stapled(maker),
    ...weak(maker),
    ...handshakes(maker),
  ];
}

function dates(maker: CertificateMaker): readonly ServerCase[] {
  const middle = maker.root.issueAuthority('expired-middle', AUTHORITY, LONG_AGO);
  const both = { ...names('else.example'), ...LONG_AGO };
  const reason = 'tls.certificate-expired';
  return [
    bad('expired', reason, 10, maker.issue('expired', LONG_AGO)),
    bad(
      'not yet valid',
      'tls.certificate-not-yet-valid',
      9,
      maker.issue('early', { from: '20490101000000Z', to: '20491231000000Z' }),
    ),
    bad(
      'of an authority that has expired',
      reason,
      10,
      chain(middle, maker.issue('late', {}, middle)),
    ),
    bad('expired, and for another name', reason, 62, maker.issue('expired-other', both)),
  ];
}

function issuers(maker: CertificateMaker): readonly ServerCase[] {
  const { root, stranger } = maker;
  const reason = 'tls.certificate-untrusted';
  const middle = root.issueAuthority('middle');
  const leaf = root.issue('leaf', names(NAME));
  const impostor = TestAuthority.in(`${root.folder}/impostor`, 'root');
  const byLeaf = maker.issue('by-leaf', {}, new TestAuthority(root.folder, 'leaf'));
  return [
    bad('self-signed', reason, 18, stranger.issueSelfSigned('alone', names(NAME))),
    bad('of an unknown authority', reason, 20, maker.issue('unknown', {}, stranger)),
    bad(
      'of an unknown authority that it shows',
      reason,
      19,
      chain(stranger, maker.issue('shown', {}, stranger)),
    ),
    bad(
      'of an authority with the name of ours',
      reason,
      undefined,
      maker.issue('impostor', {}, impostor),
    ),
    bad('without its intermediate authority', reason, 20, maker.issue('gap', {}, middle)),
    bad('signed by a certificate that is no authority', 'tls.certificate-purpose', 79, {
      ...byLeaf,
      certificate: root.join('by-leaf-chain', byLeaf.certificate, leaf.certificate),
    }),
    bad('of a signature that is none', reason, 7, root.spoil(maker.issue('spoiled'))),
    {
      ...bad(
        'untrusted, and no authority has a revocation list',
        reason,
        18,
        stranger.issueSelfSigned('alone-unlisted', names(NAME)),
      ),
      verify: { revocationLists: stranger.revoke(), permitMissingRevocationList: true },
    },
    {
      ...bad(
        'other than the pinned one',
        'tls.certificate-not-pinned',
        0,
        maker.issue('not-pinned'),
      ),
      verify: { pinned: { [NAME]: maker.issue('pinned').certificate } },
    },
  ];
}

function constraints(maker: CertificateMaker): readonly ServerCase[] {
  const { root } = maker;
  const short = root.issueAuthority('short', [
    'basicConstraints=critical,CA:TRUE,pathlen:0',
    ...USE,
  ]);
  const below = short.issueAuthority('below-short');
  const narrow = root.issueAuthority('narrow', [
    ...AUTHORITY,
    'nameConstraints=critical,permitted;DNS:shop.example',
  ]);
  const barred = root.issueAuthority('barred', [
    ...AUTHORITY,
    `nameConstraints=critical,excluded;DNS:${NAME}`,
  ]);
  const mail = root.issueAuthority('mail', [...AUTHORITY, 'extendedKeyUsage=emailProtection']);
  const one = root.issueAuthority('one');
  const two = one.issueAuthority('two');
  const long = chain(two, maker.issue('long', {}, two), one);
  const purpose = (name: string, use: string): MadeCertificate =>
    maker.issue(name, { extensions: [`subjectAltName=DNS:${NAME}`, use] });
  const invalid = 'tls.certificate-invalid';
  return [
    bad(
      'for clients only',
      'tls.certificate-purpose',
      26,
      purpose('client', 'extendedKeyUsage=clientAuth'),
    ),
    bad(
      'for signing code',
      'tls.certificate-purpose',
      26,
      purpose('code', 'extendedKeyUsage=codeSigning'),
    ),
    bad(
      'for signing certificates only',
      'tls.certificate-purpose',
      26,
      purpose('signs', 'keyUsage=critical,keyCertSign'),
    ),
    bad(
      'of an authority for mail',
      'tls.certificate-purpose',
      26,
      chain(mail, maker.issue('by-mail', {}, mail)),
    ),
    bad(
      'of an authority below one that may have none',
      invalid,
      25,
      chain(below, maker.issue('by-below', {}, below), short),
    ),
    bad(
      'of an authority for other names',
      invalid,
      47,
      chain(narrow, maker.issue('by-narrow', {}, narrow)),
    ),
    bad(
      'of an authority that may not have its name',
      invalid,
      48,
      chain(barred, maker.issue('by-barred', {}, barred)),
    ),
    bad(
      'with a critical extension that nobody knows',
      invalid,
      34,
      purpose('odd', '1.2.3.4=critical,DER:0500'),
    ),
    ...(['TLSv1.2', 'TLSv1.3'] as const).map((version) => ({
      ...bad(`with a chain of a mebibyte in ${version}`, 'tls.server-handshake', undefined, {
        ...padded(root, purpose(`huge-${version}`, SERVER), MEBIBYTE),
        options: { minVersion: version, maxVersion: version },
      }),
      status: 502 as const,
    })),
    {
      ...bad('with too long a chain', 'tls.chain-too-long', 22, long),
      verify: { maxDepth: 2 },
      opensslOptions: ['-verify_depth', '1'],
    },
  ];
}

function wrongNames(maker: CertificateMaker): readonly ServerCase[] {
  const reason = 'tls.certificate-name';
  const wrong = (what: string, openssl: number, server: MadeCertificate): ServerCase =>
    bad(what, reason, openssl, server);
  const meant = (serverName: string | null, one: ServerCase): ServerCase => ({
    ...one,
    serverName,
  });
  const having = (name: string): MadeCertificate => maker.issue(`named-${name}`, names(name));
  const plain = { commonName: NAME, extensions: [SERVER] };
  const nul = maker.issue('nul', { extensions: [`subjectAltName=DER:${NAME_WITH_NUL}`, SERVER] });
  const asName = maker.issue('address-name', names('127.0.0.1'));
  const asCommon = maker.issue('address-common', { ...plain, commonName: '127.0.0.1' });
  return [
    wrong('for another name', 62, having('else.example')),
    wrong('for a longer name', 62, having(`${NAME}.org`)),
    wrong('for its name, NUL, and more', 62, nul),
    // OpenSSL takes a common name where there is no other (RFC 6125), and a wildcard within a label. RFC 9525 does not.
    wrong('with its name as the common name only', 0, maker.issue('common', plain)),
    meant('www.shop.example', wrong('by a wildcard within a label', 0, having('w*.shop.example'))),
    meant('a.b.shop.example', wrong('by a wildcard for two labels', 62, having('*.shop.example'))),
    wrong('by a wildcard for a whole domain', 62, having('*.example')),
    wrong('by a wildcard for no label', 62, having('*.www.example')),
    wrong('by a wildcard for everything', 62, having('*')),
    wrong('by a wildcard in the second label', 62, having('www.*')),
    meant(null, wrong('without its address', 64, maker.issue('no-address'))),
    meant(null, wrong('with its address as a name', 64, asName)),
    meant(null, wrong('with its address as the common name', 64, asCommon)),
  ];
}

function onLists(maker: CertificateMaker): readonly ServerCase[] {
  const { root } = maker;
  const middle = root.issueAuthority('listed-middle');
  const revoked = maker.issue('revoked');
  const below = chain(middle, maker.issue('below-revoked', {}, middle));
  const leafBelow = maker.issue('revoked-below', {}, middle);
  const list = root.revoke('revoked');
  const expired = root.revokeLongAgo('revoked');
  const middleList = root.revoke('listed-middle');
  const belowList = middle.revoke('revoked-below');
  const reason = 'tls.certificate-revoked';
  let count = 0;
  const under = (lists: string, lenient = false): Partial<ServerCase> => ({
    verify: { revocationLists: lists, permitMissingRevocationList: lenient },
    opensslOptions: [
      '-crl_check_all',
      '-CAfile',
      root.join(`ca-${count++}`, root.certificate, lists),
    ],
  });
  const both = root.join('both-lists', middleList, middle.revoke());
  const strange = maker.issue('beside-folder', {}, maker.stranger);
  const folder = maker.folderOf('bad-folder', root.certificate, middleList, belowList);
  return [
    {
      ...bad('revoked by the second list of a folder', reason, 23, chain(middle, leafBelow)),
      verify: { authorities: folder, revocationLists: folder },
      opensslOptions: ['-CApath', folder, '-crl_check_all'],
    },
    {
      ...bad('of an authority beside the folder', 'tls.certificate-untrusted', undefined, strange),
      verify: { authorities: folder },
    },
    { ...bad('revoked', reason, 23, revoked), ...under(list) },
    { ...bad('of a revoked authority', reason, 23, below), ...under(both) },
    {
      ...bad(
        'without a revocation list',
        'tls.revocation-list',
        3,
        chain(middle, maker.issue('unlisted', {}, middle)),
      ),
      ...under(list),
    },
    {
      ...bad(
        'with a revocation list that has expired',
        'tls.revocation-list',
        12,
        maker.issue('old-list'),
      ),
      ...under(expired),
    },
    // Its own authority has a list, the one above has none: behind the missing list stands a revocation.
    {
      ...bad('revoked, and a list above is missing', reason, 23, chain(middle, leafBelow)),
      ...under(belowList, true),
    },
    {
      ...bad(
        'with an expired list where one may be missing',
        'tls.revocation-list',
        12,
        maker.issue('old-list-2'),
      ),
      ...under(expired, true),
    },
  ];
}

/** OpenSSL does not look at what is stapled unless it is told to, by a program of its own: see staple-check.test.ts. */
function stapled(maker: CertificateMaker): readonly ServerCase[] {
  const { root, stranger } = maker;
  const day = 86_400_000;
  const must = { extensions: [...(names(NAME).extensions ?? []), 'tlsfeature=status_request'] };
  const one = maker.issue('stapled');
  const other = maker.issue('stapled-other');
  const [thisUpdate, nextUpdate] = [Date.now() - 2 * day, Date.now() - day];
  const by = (wish: AnswerWish, about = one): ShownServer => ({
    ...one,
    staple: ocspAnswer(about.certificate, root.made, wish),
  });
  const invalid = 'tls.ocsp-invalid';
  return [
    bad('revoked by a staple', 'tls.certificate-revoked', 0, by({ status: 'revoked' })),
    bad('with a staple that knows nothing', invalid, 0, by({ status: 'unknown' })),
    bad('with a stale staple', invalid, 0, by({ thisUpdate, nextUpdate })),
    bad('with a staple of another certificate', invalid, 0, by({}, other)),
    bad('with a staple of a stranger', invalid, 0, by({ signer: stranger.made })),
    bad('with a staple that is none', invalid, 0, {
      ...one,
      staple: Buffer.from('3003020101', 'hex'),
    }),
    bad('with a staple that has no answer', invalid, 0, by({ responseStatus: 3 })),
    bad('that must staple, and does not', 'tls.ocsp-missing', 0, maker.issue('must-staple', must)),
    {
      ...bad('without a staple where one is demanded', 'tls.ocsp-missing', 0, one),
      verify: { ocsp: 'require' },
    },
    {
      ...bad(
        'revoked by a staple, which is of any authority',
        'tls.certificate-revoked',
        0,
        by({ status: 'revoked' }),
      ),
      verify: { trusted: false },
    },
  ];
}

function weak(maker: CertificateMaker): readonly ServerCase[] {
  const small = ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024'];
  const sha1 = maker.issue('sha1', { digest: 'sha1' });
  const reason = 'tls.weak-certificate';
  return [
    bad('with a key of RSA 1024', reason, undefined, maker.issue('small', { key: small })),
    bad('signed with SHA-1', reason, undefined, sha1),
  ];
}

function handshakes(maker: CertificateMaker): readonly ServerCase[] {
  const good = maker.issue('handshakes');
  const shown = (options: SecureContextOptions): ShownServer => ({ ...good, options });
  const failed = (
    name: string,
    reason: string,
    server: ShownServer | RawServer,
    status: ServerCase['status'] = 502,
  ): ServerCase => ({ name, reason, status, server });
  return [
    failed(
      'with TLS 1.0 only',
      'tls.version-refused',
      shown({ minVersion: 'TLSv1', maxVersion: 'TLSv1' }),
      403,
    ),
    failed(
      'with TLS 1.1 only',
      'tls.version-refused',
      shown({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }),
      403,
    ),
    {
      ...failed(
        'without a cipher that we have, too',
        'tls.server-alert',
        shown({ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' }),
      ),
      tls: { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-CHACHA20-POLY1305' },
    },
    failed('that closes', 'tls.server-closed', (socket) => socket.end()),
    failed('that resets', 'tls.server-closed', (socket) => socket.resetAndDestroy()),
    failed('that closes in the middle of a record', 'tls.server-closed', (socket) =>
      socket.end(Buffer.from('160303004a0200004603', 'hex')),
    ),
    failed('that answers in plain text', 'tls.not-tls', (socket) =>
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    ),
    failed('that answers with garbage', 'tls.not-tls', (socket) =>
      socket.write(Buffer.alloc(4096, 0xa5)),
    ),
    failed('that answers with application data', 'tls.server-handshake', (socket) =>
      socket.write(Buffer.from('1703030003616263', 'hex')),
    ),
    failed('that refuses', 'tls.server-alert', (socket) =>
      socket.end(Buffer.from('15030300020228', 'hex')),
    ),
    {
      ...failed('that stalls', 'tls.server-timeout', () => undefined, 504),
      tls: { handshakeTimeoutMs: 300 },
    },
    {
      ...failed(
        'that stalls in the middle of a record',
        'tls.server-timeout',
        (socket) => socket.write(Buffer.from('160303004a02', 'hex')),
        504,
      ),
      tls: { handshakeTimeoutMs: 300 },
    },
  ];
}
