// Authorities as an administrator makes and uses them, by `zorp ca` and a policy: what is made works, and what cannot be
// used is refused with the file, the reason and the cure.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { chmodSync, copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { PolicyLoadError } from '../../src/instance/load-fault.ts';
import { loadPolicy } from '../../src/instance/load-policy.ts';
import { needs } from '../support/needs.ts';
import { policyPath } from '../support/system-policy.ts';
import type { Command, Owner } from '../support/system-process.ts';
import { run } from '../support/system-process.ts';
import { zorpCommand } from '../support/system-zorp.ts';
import { TestAuthority } from '../support/test-authority.ts';

const POLICY = `import { definePolicy, directedRouter, dynamicCertificate, httpProxy, listener, service, twoSidedEncryption } from 'zorp';
const web = service('web', {
  proxy: httpProxy({ defaultPort: 443 }),
  router: directedRouter({ destination: '192.0.2.1:443' }),
  encryption: twoSidedEncryption({
    clientCertificate: dynamicCertificate({ authority: { certificate: 'ca/trusted.pem', privateKey: 'ca/trusted.key' OPTIONS } }),
  }),
});
export default definePolicy({ zones: [], listeners: [listener('127.0.0.1:0', web)] });
`;

/** As administrators write it who have the passphrase elsewhere. */
const SEALED = 'passphrase="$1"; shift; echo "$passphrase" | "$@"';

interface Site {
  readonly folder: string;
  readonly policy: string;
  readonly certificate: string;
  readonly privateKey: string;
}

/** A policy with its authority, as three commands and an editor make them. */
async function siteOf(owner: Owner, { passphrase }: { passphrase?: string } = {}): Promise<Site> {
  const policy = policyPath(owner);
  const folder = dirname(policy);
  const dir = join(folder, 'ca');
  const init = zorpCommand('ca', 'init', '--dir', dir);
  const command: Command =
    passphrase === undefined
      ? init
      : ['sh', '-c', SEALED, 'sh', passphrase, ...init, '--passphrase-file', '/dev/stdin'];
  const { status, stderr } = await run(owner, command);
  assert.equal(status, 0, stderr);
  writeFileSync(join(folder, 'passphrase'), `${passphrase ?? 'none'}\n`, { mode: 0o600 });
  const option = passphrase === undefined ? '' : `, passphraseFile: 'passphrase'`;
  writeFileSync(policy, POLICY.replace('OPTIONS', option));
  const file = (name: string): string => join(dir, name);
  return {
    folder,
    policy,
    certificate: file('trusted.pem'),
    privateKey: file('trusted.key'),
  };
}

/** What is said to be wrong when the policy is loaded; nothing if all is well. */
async function faultOf({ policy }: Site): Promise<string> {
  try {
    await loadPolicy(policy);
    return '';
  } catch (error) {
    assert.ok(error instanceof PolicyLoadError);
    return error.message;
  }
}

describe('the authority of a policy', needs('openssl', 'setpriv'), () => {
  it('is made, shown, exported and used, with its key encrypted or not', async (t) => {
    const open = await siteOf(t);
    assert.equal(await faultOf(open), '');
    const sealed = await siteOf(t, { passphrase: 'open it' });
    assert.match(readFileSync(sealed.privateKey, 'utf8'), /^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
    assert.equal(statSync(sealed.privateKey).mode & 0o777, 0o600);
    assert.equal(await faultOf(sealed), '');
    const out = join(sealed.folder, 'for-clients.crt');
    const where = ['--dir', dirname(sealed.certificate)];
    await run(t, zorpCommand('ca', 'export', ...where, '--form', 'der', '--out', out));
    const { fingerprint256 } = new X509Certificate(readFileSync(out));
    assert.ok((await run(t, zorpCommand('ca', 'show', ...where))).stdout.includes(fingerprint256));
    const spoiling = await run(
      t,
      zorpCommand('ca', 'export', ...where, '--out', sealed.privateKey),
    );
    assert.equal(spoiling.status, 1);
    assert.equal(await faultOf(sealed), '', 'the key is still there');
  });

  it('is refused where it cannot be used', async (t) => {
    const site = await siteOf(t);
    const other = await siteOf(t, { passphrase: 'open it' });
    const strangers = TestAuthority.in(join(site.folder, 'strangers'));
    const leaf = strangers.issue('leaf.example');
    const expired = strangers.issue('expired', {
      extensions: ['basicConstraints=critical,CA:TRUE', 'keyUsage=keyCertSign'],
      ...{ from: '20200101000000Z', to: '20210101000000Z' },
    });
    const place = /policy\.ts:6:\d+: /.source;
    const certificate = `${place}certificate ca/trusted\\.pem with key ca/trusted\\.key`;
    const cases: readonly (readonly [what: string, spoil: () => void, expected: string])[] = [
      [
        'a key that is not there',
        () =>
          writeFileSync(
            site.policy,
            POLICY.replace('OPTIONS', '').replace('trusted.key', 'none.key'),
          ),
        `${place}key file ".*none\\.key" .*`,
      ],
      [
        'a key that is no file of PEM',
        () => writeFileSync(site.privateKey, 'none'),
        'trusted\\.key: .* has no private key: give a PEM file',
      ],
      [
        'a key that is cut off',
        () => writeFileSync(site.privateKey, readFileSync(other.privateKey).subarray(0, 100)),
        `${certificate} has a private key that cannot be read: give a key in PEM form`,
      ],
      [
        'a key that is encrypted, without its passphrase',
        () => copyFileSync(other.privateKey, site.privateKey),
        `${certificate} has a private key that cannot be read: .*right passphraseFile`,
      ],
      [
        'the key of another one',
        () => copyFileSync(leaf.privateKey, site.privateKey),
        `${certificate} does not fit its private key: give the private key`,
      ],
      [
        'a certificate of a server',
        () => {
          copyFileSync(leaf.certificate, site.certificate);
          copyFileSync(leaf.privateKey, site.privateKey);
        },
        `${certificate} is no authority.*: give the certificate of an authority; "zorp ca init"`,
      ],
      [
        'one that has expired',
        () => {
          copyFileSync(expired.certificate, site.certificate);
          copyFileSync(expired.privateKey, site.privateKey);
        },
        `${certificate} is valid from 2020-01-01T.* only: make a new one with "zorp ca init"`,
      ],
    ];
    const good = [site.policy, site.certificate, site.privateKey].map(
      (path) => [path, readFileSync(path)] as const,
    );
    for (const [what, spoil, expected] of cases) {
      spoil();
      assert.match(await faultOf(site), new RegExp(expected), what);
      for (const [path, contents] of good) writeFileSync(path, contents);
    }
    assert.equal(await faultOf(site), '');
  });

  it(
    'is refused with the wrong passphrase, and where its key cannot be read',
    needs('root'),
    async (t) => {
      const site = await siteOf(t, { passphrase: 'open it' });
      writeFileSync(join(site.folder, 'passphrase'), 'another one\n');
      assert.match(await faultOf(site), /cannot be read: .*the right passphraseFile/);
      for (const path of [site.folder, dirname(site.privateKey)]) chmodSync(path, 0o755);
      const as = ['setpriv', '--reuid=65534', '--clear-groups'];
      const [program = '', ...rest] = [...as, ...zorpCommand('run', site.policy)];
      const { status, stderr } = await run(t, [program, ...rest]);
      assert.equal(status, 1);
      assert.match(stderr, /policy\.ts:6:\d+: key file .*trusted\.key.* cannot be read/);
    },
  );
});
