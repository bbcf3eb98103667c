// Clients that nobody here wrote, through TLS that is intercepted: configured to use the proxy, and unawares. They trust the
// authority that `zorp ca` has made, and are to notice every server that nobody should trust.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import type { DecisionRecord } from '../../src/log/decision-record.ts';
import { PROXY } from '../support/client-scene.ts';
import { needsDriver } from '../support/driver-needs.ts';
import { needs } from '../support/needs.ts';
import type { SecureWay } from '../support/secure-scene.ts';
import { LAX_PORT, ORGANIZATION, SECURE_NEEDS, SecureScene } from '../support/secure-scene.ts';
import type { BadSite, SecureSite } from '../support/secure-servers.ts';
import { bankAuthority, NGINX_IPV6, SECURE_SITES } from '../support/secure-servers.ts';
import type { Command, ProcessEnd } from '../support/system-process.ts';
import { suiteOwner } from '../support/system-process.ts';

const { nginx, node, bank, games } = SECURE_SITES;
const TRUSTED = `${ORGANIZATION} CA`;
const UNTRUSTED = `${ORGANIZATION} CA for UNTRUSTED servers`;
const REQUEST = `GET / HTTP/1.1\r\nHost: ${nginx.name}\r\nConnection: close\r\n\r\n`;

/** How a bad server is found out. */
interface BadServer {
  readonly reason: string;
  readonly page: RegExp;
}

const NO_ISSUER = /unable to get local issuer certificate/;
const BAD_SERVERS: Readonly<Record<BadSite, BadServer>> = {
  selfSigned: {
    reason: 'tls.certificate-untrusted',
    page: /nobody but itself vouches for it/,
  },
  unknown: {
    reason: 'tls.certificate-untrusted',
    page: /no authority that is trusted vouches for it/,
  },
  expired: {
    reason: 'tls.certificate-expired',
    page: /it has expired/,
  },
  wrongName: {
    reason: 'tls.certificate-name',
    page: /The certificate is not for wrong-name\.example/,
  },
};

describe(
  'real clients of TLS',
  { ...needs(...SECURE_NEEDS, 'root', 'gnutls-cli', 'go'), ...needsDriver(), timeout: 180_000 },
  () => {
    const owner = suiteOwner();
    let scene: SecureScene;
    before(async () => {
      scene = await SecureScene.open(owner);
    });

    for (const way of ['explicit', 'transparent'] as const) describe(way, () => clientsOf(way));

    it('gnutls-cli reads a page, and trusts nobody else', async () => {
      // It knows no HTTP proxies.
      const command: Command = ['gnutls-cli', '--x509cafile', scene.trusted];
      const page = await scene.succeed('transparent', [...command, nginx.name], REQUEST);
      assert.match(page, /- Status: The certificate is trusted\./);
      assert.match(page, new RegExp(`^server: ${nginx.name}$`, 'm'));
      for (const site of [SECURE_SITES.unknown, SECURE_SITES.expired, bank]) {
        const refused = await scene.run('transparent', [...command, site.name], REQUEST);
        assert.equal(refused.status, 1);
        assert.match(
          refused.stdout,
          /The certificate is NOT trusted\. The certificate issuer is unknown/,
        );
      }
    });

    it('intercepts IPv6 as IPv4', async () => {
      const elsewhere = ['--resolve', `${nginx.name}:443:[${NGINX_IPV6}]`];
      const command: Command = [...curlWith(scene.trusted), ...elsewhere, page(nginx)];
      const read = (): Promise<unknown> => scene.succeed('transparent', command);
      const record = await scene.recordOf({ ...nginx, address: NGINX_IPV6 }, () => true, read);
      assert.equal(record.clientTls?.serverName, nginx.name);
      assert.equal(record.serverTls?.peer?.trusted, true);
    });

    function curlWith(authority: string): Command {
      const options = ['-q', '-sS', '--max-time', '20', '--cacert', authority];
      return ['curl', ...options];
    }

    /** Which certificate openssl is shown, and what it thinks of it. */
    async function shownTo(
      way: SecureWay,
      site: SecureSite,
      port = 443,
    ): Promise<ProcessEnd & { readonly shown: X509Certificate }> {
      const proxy = way === 'explicit' ? ['-proxy', PROXY] : [];
      const names = ['-servername', site.name, '-verify_hostname', site.name];
      const seen = await scene.run(
        way,
        [
          'openssl',
          ...['s_client', ...proxy, '-connect', `${site.name}:${port}`, '-x509_strict'],
          ...[...names, '-CAfile', scene.trusted, '-ign_eof'],
        ],
        REQUEST,
      );
      const [pem = ''] =
        /-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/.exec(seen.stdout) ?? [];
      assert.notEqual(pem, '', seen.stdout + seen.stderr);
      return { ...seen, shown: new X509Certificate(pem) };
    }

    function clientsOf(way: SecureWay): void {
      const service = way === 'explicit' ? 'gateway' : 'pages';

      it('curl reads pages, is answered with errors, and keeps its connection', async () => {
        const format = '%{http_code} %{num_connects} %{ssl_verify_result}\n';
        const read = async (): Promise<void> => {
          const command: Command = [...curlWith(scene.trusted), '-w', format];
          const urls = [page(nginx), page(nginx, '/missing'), page(nginx, '/refused')];
          const said = await scene.succeed(way, [...command, ...urls]);
          assert.match(said, new RegExp(`^server: ${nginx.name}\n[^]*\n200 1 0\nnone\n404 0 0\n`));
          assert.match(said, /This page is not for you[^]*\n403 0 0\n$/);
        };
        const isRead = ({ bytes }: DecisionRecord): boolean => bytes.toClient > 500;
        const record = await scene.recordOf(nginx, isRead, read);
        assert.equal(record.service, service);
      });

      it('curl posts a form, and uploads more than the buffers hold', async () => {
        const big = scene.client.write(`big-${way}`, 'zorp'.repeat(1_000_000));
        const upload = page(node, '/upload');
        const format = ['-w', '%{num_connects}'];
        const said = await scene.succeed(way, [
          ...curlWith(scene.trusted),
          ...['-d', 'a=b', ...format, upload],
          ...['--next', '-sS', '--cacert', scene.trusted, ...format, '-T', big, upload],
        ]);
        const posted = '42144f3939c3ffbbf0bf8b1f12affb5c23a4c5bd41e0ff672d54a5754f062058';
        assert.match(said, new RegExp(`^POST ${posted}\n1PUT [0-9a-f]{64}\n0$`));
      });

      it('openssl is shown the names of the server by the authority of Zorp', async () => {
        const { shown, stdout } = await shownTo(way, nginx);
        assert.match(stdout, /Verify return code: 0 \(ok\)/);
        assert.match(stdout, new RegExp(`Verified peername: ${nginx.name}`));
        assert.match(stdout, new RegExp(`^server: ${nginx.name}$`, 'm'));
        assert.equal(shown.issuer, `CN=${TRUSTED}`);
        assert.equal(shown.subjectAltName, `DNS:${nginx.name}`);
        assert.ok(shown.verify(new X509Certificate(readFileSync(scene.trusted)).publicKey));
      });

      for (const [name, bad] of Object.entries(BAD_SERVERS)) {
        const site = SECURE_SITES[name as BadSite];

        it(`a server is not trusted: ${site.name}`, async () => {
          const heed = async (): Promise<void> => {
            const warned = await scene.run(way, [...curlWith(scene.trusted), page(site)]);
            assert.deepEqual([warned.status, warned.stdout], [60, ''], warned.stderr);
            assert.match(warned.stderr, NO_ISSUER);
          };
          const isRefused = ({ reason }: DecisionRecord): boolean => reason === bad.reason;
          const heeded = await scene.recordOf(site, isRefused, heed);
          assert.match(heeded.message, /The client refuses the handshake: unknown ca/);
          const { shown } = await shownTo(way, site);
          assert.deepEqual(
            [shown.issuer, shown.subjectAltName],
            [`CN=${UNTRUSTED}`, `DNS:${site.name}`],
          );

          // Who goes on all the same is told what is wrong, and gets no further.
          const format = ['-w', '%{http_code}'];
          const goOn = async (): Promise<void> => {
            const command: Command = [...curlWith(scene.untrusted), ...format, page(site)];
            const told = await scene.succeed(way, command);
            assert.match(told, bad.page);
            assert.match(told, new RegExp(`<code>${bad.reason}</code>[^]*403$`));
          };
          const record = await scene.recordOf(site, isRefused, goOn);
          assert.equal(record.verdict, 'denied-by-policy');
          assert.match(record.message, bad.page);
        });

        it(`a server is shown as what it is where the policy lets it pass: ${site.name}`, async () => {
          const url = page(site, '/', LAX_PORT);
          const warned = await scene.run(way, [...curlWith(scene.trusted), url]);
          assert.deepEqual([warned.status, warned.stdout], [60, ''], warned.stderr);
          assert.match(warned.stderr, NO_ISSUER);
          const { shown } = await shownTo(way, site, LAX_PORT);
          assert.equal(shown.issuer, `CN=${UNTRUSTED}`);
          const goOn = (): Promise<unknown> =>
            scene.succeed(way, [...curlWith(scene.trusted), '-k', url]);
          const isIt = ({ serverTls, verdict }: DecisionRecord): boolean =>
            serverTls !== null && verdict === 'accepted';
          const record = await scene.recordOf(site, isIt, goOn);
          assert.equal(record.serverTls?.peer?.trusted, false);
        });
      }

      it('what is exempt passes untouched, and what is refused does not pass', async () => {
        const { certificate } = bankAuthority(scene.edge.network.server);
        const { shown } = await shownTo(way, bank);
        assert.equal(shown.issuer, 'CN=bank-authority');
        const read = async (): Promise<void> => {
          const said = await scene.succeed(way, [...curlWith(certificate), page(bank)]);
          assert.match(said, /^request: GET \/ HTTP\/2\.0$/m); // nobody between has an opinion on that
        };
        const untouched = await scene.recordOf(bank, ({ verdict }) => verdict === 'accepted', read);
        assert.deepEqual([untouched.clientTls, untouched.serverTls], [null, null]);
        assert.ok(untouched.service === 'untouched' || untouched.stacked.includes('untouched'));

        const curl = curlWith(scene.trusted);
        const cut = async (): Promise<void> => {
          const { status, stdout } = await scene.run(way, [...curl, page(games)]);
          assert.deepEqual([status, stdout], [35, '']);
        };
        const isDenied = ({ reason }: DecisionRecord): boolean => reason === 'service.denied';
        await scene.recordOf(games, isDenied, cut);
      });
    }

    function page({ name }: SecureSite, path = '/', port = 443): string {
      return `https://${name}${port === 443 ? '' : `:${port}`}${path}`;
    }
  },
);
