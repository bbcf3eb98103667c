// Servers of TLS that should be trusted.
import { ocspAnswer } from './ocsp-answers.ts';
import type { CertificateMaker, ServerCase } from './tls-servers.ts';
import { AUTHORITY, chain, NAME, names, padded, SERVER } from './tls-servers.ts';

export function goodServers(maker: CertificateMaker): readonly ServerCase[] {
  const { root } = maker;
  const middle = root.issueAuthority('good-middle');
  const low = middle.issueAuthority('good-low');
  const rsa = ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'];
  const ed = ['-algorithm', 'ED25519'];
  const p384 = ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'];
  const limited = root.issueAuthority('good-limited', [
    ...AUTHORITY,
    'nameConstraints=critical,permitted;DNS:example',
  ]);
  const checked = ['-crl_check_all', '-CRL', root.revoke('good-limited')];
  const [, , list = ''] = checked;
  return [
    ...stapled(maker),
    ...inFolders(maker),
    { name: 'of the authority', openssl: 0, server: maker.issue('good') },
    {
      name: 'by a wildcard',
      openssl: 0,
      server: maker.issue('good-wild', names('*.shop.example')),
      serverName: 'a.shop.example',
    },
    {
      name: 'by its address',
      openssl: 0,
      serverName: null,
      server: maker.issue('good-address', {
        extensions: ['subjectAltName=IP:127.0.0.1', SERVER],
      }),
    },
    {
      name: 'with a chain of 64 KiB, of which two count',
      openssl: 0,
      server: padded(root, maker.issue('good-long'), 65_536),
    },
    {
      name: 'with a chain of two',
      openssl: 0,
      server: chain(low, maker.issue('good-two', {}, low), middle),
    },
    { name: 'with RSA', openssl: 0, server: maker.issue('good-rsa', { key: rsa }) },
    {
      name: 'with P-384 and SHA-384',
      openssl: 0,
      server: maker.issue('good-p384', { key: p384, digest: 'sha384' }),
    },
    { name: 'with Ed25519', openssl: 0, server: maker.issue('good-ed', { key: ed }) },
    {
      name: 'within name constraints',
      openssl: 0,
      server: chain(limited, maker.issue('good-name', {}, limited)),
    },
    {
      name: 'on no revocation list',
      openssl: 0,
      verify: { revocationLists: list },
      opensslOptions: checked,
      server: maker.issue('good-listed'),
    },
    {
      name: 'with TLS 1.2 only',
      openssl: 0,
      server: { ...maker.issue('good-old'), options: { maxVersion: 'TLSv1.2' } },
    },
    {
      name: 'pinned though it signed itself',
      openssl: 18,
      verify: {
        pinned: { [NAME]: maker.stranger.issueSelfSigned('good-pinned', names(NAME)).certificate },
      },
      server: {
        certificate: `${maker.stranger.folder}/good-pinned.pem`,
        privateKey: `${maker.stranger.folder}/good-pinned.key`,
      },
    },
  ];
}

function inFolders(maker: CertificateMaker): readonly ServerCase[] {
  const { root, stranger } = maker;
  const folder = maker.folderOf(
    'good-folder',
    ...[stranger.certificate, stranger.revoke()],
    ...[root.certificate, root.revoke()],
  );
  const server = maker.issue('good-folded');
  return [
    {
      name: 'of an authority in a folder',
      openssl: 0,
      verify: { authorities: folder, revocationLists: folder },
      opensslOptions: ['-CApath', folder, '-crl_check_all'],
      server,
    },
    {
      name: 'of another authority in a folder',
      openssl: 0,
      verify: { authorities: folder },
      opensslOptions: ['-CApath', folder],
      server: maker.issue('good-other', {}, stranger),
    },
  ];
}

function stapled(maker: CertificateMaker): readonly ServerCase[] {
  const { root } = maker;
  const one = maker.issue('good-stapled');
  const extensions = [...(names(NAME).extensions ?? []), 'tlsfeature=status_request'];
  const must = maker.issue('good-must-staple', { extensions });
  const signer = root.issue('good-responder', { extensions: ['extendedKeyUsage=OCSPSigning'] });
  const delegated = ocspAnswer(must.certificate, root.made, { signer, showsSigner: true });
  const good = ocspAnswer(one.certificate, root.made);
  const revoked = ocspAnswer(one.certificate, root.made, { status: 'revoked' });
  return [
    {
      name: 'with a staple that is demanded',
      openssl: 0,
      verify: { ocsp: 'require' },
      server: { ...one, staple: good },
    },
    {
      name: 'with a staple of TLS 1.2',
      openssl: 0,
      verify: { ocsp: 'require' },
      server: { ...one, staple: good, options: { maxVersion: 'TLSv1.2' } },
    },
    { name: 'that must staple, and does', openssl: 0, server: { ...must, staple: delegated } },
    {
      name: 'whose staple nobody asks for',
      openssl: 0,
      verify: { ocsp: 'off' },
      server: { ...one, staple: revoked },
    },
    {
      name: 'revoked by a staple, where all is permitted',
      openssl: 0,
      verify: { trusted: false, permitInvalidCertificates: true },
      server: { ...one, staple: revoked },
    },
  ];
}
