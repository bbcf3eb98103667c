// testssl.sh against what Zorp offers to clients by default, and, to see that it finds something, against what is weak.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { join } from 'node:path';
import { needs } from '../support/needs.ts';
import { LAB_NEEDS, Lab } from '../support/system-lab.ts';
import { startNginx } from '../support/system-nginx.ts';
import { suiteOwner } from '../support/system-process.ts';
import { RunningZorp } from '../support/system-zorp.ts';
import { TestAuthority } from '../support/test-authority.ts';

const NAME = 'www.example';
const FIREWALL = '10.1.0.1';
const WEB = '10.99.0.80:80';
const DAY_MS = 24 * 3_600_000;

/** All that a grade is made of: protocols, kinds of ciphers, preferences, defaults, forward secrecy, vulnerabilities, headers. */
const CHECKS = ['-p', '-s', '-P', '-S', '-f', '-U', '-h'] as const;

/** One result of testssl.sh, of the many that it writes as JSON. */
interface Finding {
  readonly id: string;
  readonly severity: string;
  readonly finding: string;
}

/** What a result that is no fault may be; beside these, WARN is a check that failed. */
const GOOD = ['OK', 'INFO'];

/** What may not be good, and why. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  sessionresumption_ticket:
    'openssl s_client reads /dev/null here, and is often gone before the ticket of TLS 1.3 has come',
  security_headers: 'what pages may do is for the site to say',
  engine_problem: 'the openssl of this machine, which asks, need not have GOST',
};

/** Checks whose results must be there, so that no change of the options of testssl.sh makes this test say nothing. */
const MADE = [
  ...[
    'SSLv2',
    'SSLv3',
    'TLS1',
    'TLS1_1',
    'TLS1_2',
    'TLS1_3',
    'cipherlist_STRONG_FS',
    'cipher_order',
  ],
  ...['cert_chain_of_trust', 'cert_trust', 'cert_signatureAlgorithm', 'FS', 'FS_ECDHE_curves'],
  ...['heartbleed', 'CCS', 'ticketbleed', 'ROBOT', 'secure_renego', 'secure_client_renego'],
  ...['CRIME_TLS', 'POODLE_SSL', 'fallback_SCSV', 'SWEET32', 'FREAK', 'DROWN', 'LOGJAM', 'BEAST'],
  ...['LUCKY13', 'RC4', 'HSTS_time', 'overall_grade'],
];

describe(
  'testssl.sh',
  { ...needs(...LAB_NEEDS, 'testssl', 'nginx', 'openssl'), timeout: 420_000 },
  () => {
    const owner = suiteOwner();
    let lab: Lab;
    let authority: TestAuthority;

    before(async () => {
      const hosts = { [NAME]: [FIREWALL] };
      lab = await Lab.open(owner, { addresses: [FIREWALL, '10.99.0.80'], hosts });
      authority = TestAuthority.in(join(lab.folder, 'certificates'));
      // As one of a public authority: revocable, and not about to expire.
      authority.issue(NAME, {
        extensions: [
          ...[`subjectAltName=DNS:${NAME}`, 'extendedKeyUsage=serverAuth'],
          ...['keyUsage=critical,digitalSignature', 'basicConstraints=CA:FALSE'],
          'crlDistributionPoints=URI:http://authority.example/revoked.crl',
        ],
        to: new Date(Date.now() + 90 * DAY_MS).toISOString().replace(/[-:T]|\.\d+/g, ''),
      });
      await startNginx(lab, [{ listen: WEB, name: 'web' }]);
      const inside: Lab['inside'] = (command) => lab.inside(command);
      await RunningZorp.start(owner, lab.write('policy.ts', policy()), { inside });
    });

    it('finds nothing wrong with the defaults', async () => {
      const findings = await findingsAt(443, CHECKS);
      const bad = findings.filter(
        ({ id, severity }) => !GOOD.includes(severity) && !(id in EXCEPTIONS),
      );
      assert.deepEqual(bad, []);
      const made = new Set(findings.map(({ id }) => id.split(' ')[0]));
      assert.deepEqual(
        MADE.filter((id) => !made.has(id)),
        [],
      );
      const said = (id: string): string | undefined =>
        findings.find((one) => one.id === id)?.finding;
      assert.equal(said('TLS1'), 'not offered');
      assert.equal(said('TLS1_1'), 'not offered');
      assert.match(said('TLS1_3') ?? '', /^offered/);
      // Of the rating guide of SSL Labs; what would lower it has a reason.
      assert.deepEqual(
        findings.filter(({ id }) => id.startsWith('grade_cap_reason')),
        [],
      );
      assert.equal(said('overall_grade'), 'A+');
    });

    it('finds what is weak, where a policy says so', async () => {
      const findings = await findingsAt(8443, ['-p', '-s']);
      const bad = findings.filter(({ severity }) => !GOOD.includes(severity)).map(({ id }) => id);
      for (const id of ['TLS1', 'TLS1_1', 'cipherlist_aNULL'])
        assert.ok(bad.includes(id), bad.join());
    });

    function policy(): string {
      return `
import { clientOnlyEncryption, definePolicy, directedRouter, httpProxy, insert, listener, service, staticCertificate, zone } from 'zorp';
const clientCertificate = staticCertificate({ certificate: 'certificates/${NAME}.pem', privateKey: 'certificates/${NAME}.key' });
const web = { proxy: httpProxy({ defaultPort: 443 }), router: directedRouter({ destination: '${WEB}' }) };
// As every site should that has TLS only: without it, the best grade is A.
const responseHeader = { 'Strict-Transport-Security': insert('max-age=31536000') };
const sworn = { ...web, proxy: httpProxy({ defaultPort: 443, responseHeader }) };
const good = service('good', { ...sworn, encryption: clientOnlyEncryption({ clientCertificate }) });
const clientTls = { minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' };
const weak = service('weak', { ...web, encryption: clientOnlyEncryption({ clientCertificate, clientTls }) });
const all = zone('all', { subnets: ['10.0.0.0/8'], outboundServices: ['*'], inboundServices: ['*'] });
export default definePolicy({
  zones: [all],
  listeners: [listener('${FIREWALL}:443', good), listener('${FIREWALL}:8443', weak)],
});
`;
    }

    /** Everything that testssl.sh says of a port; it asks nobody else. */
    async function findingsAt(
      port: number,
      checks: readonly string[],
    ): Promise<readonly Finding[]> {
      const file = join(lab.folder, `findings-${port}.json`);
      const quiet = ['--quiet', '--color', '0', '--warnings', 'batch', '--nodns', 'none'];
      const limits = ['--connect-timeout', '10', '--openssl-timeout', '10'];
      const command = lab.start([
        'env',
        ...[`HOME=${lab.folder}`, 'TERM=dumb', 'testssl', ...quiet, ...limits],
        ...['--ip', FIREWALL, '--add-ca', authority.certificate, '--jsonfile', file],
        ...[...checks, `https://${NAME}:${port}`],
      ]);
      command.feed('');
      const { status, stdout, stderr } = await command.end(300_000);
      assert.ok(typeof status === 'number', `${stdout}${stderr}`);
      return JSON.parse(readFileSync(file, 'utf8')) as readonly Finding[];
    }
  },
);
