// A real LDAP server with a few people and groups: OpenLDAP's slapd, on loopback, with its files in a folder of its own.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import type { Owner } from './system-process.ts';
import { SystemProcess } from './system-process.ts';
import { until } from './system-wait.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A directory that runs. */
export interface Slapd {
  readonly plain: string;
  readonly tls: string;
  /** The certificate of its authority. */
  readonly ca: string;
}

const PEOPLE = `dn: dc=example,dc=org
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: ou=people,dc=example,dc=org
objectClass: organizationalUnit
ou: people

dn: ou=groups,dc=example,dc=org
objectClass: organizationalUnit
ou: groups

dn: uid=alice,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: alice
cn: Alice
sn: Liddell
userPassword: wonderland

dn: uid=bob,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: bob
cn: Bob
sn: Twice
userPassword: builder

dn: uid=bob2,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: bob2
cn: Bob
sn: Twice
userPassword: builder

dn: uid=weird\\2c name\\2a,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: weird, name*
cn: Weird
sn: Name
userPassword: comma

dn: cn=staff,ou=groups,dc=example,dc=org
objectClass: groupOfNames
cn: staff
member: uid=alice,ou=people,dc=example,dc=org
member: uid=weird\\2c name\\2a,ou=people,dc=example,dc=org

dn: cn=admins,ou=groups,dc=example,dc=org
objectClass: groupOfNames
cn: admins
member: uid=alice,ou=people,dc=example,dc=org
`;

function configuration(folder: string): string {
  const schemas = ['core', 'cosine', 'inetorgperson'];
  return [
    ...schemas.map((name) => `include /etc/ldap/schema/${name}.schema`),
    'modulepath /usr/lib/ldap',
    'moduleload back_mdb',
    `TLSCACertificateFile ${folder}/ca.pem`,
    `TLSCertificateFile ${folder}/server.pem`,
    `TLSCertificateKeyFile ${folder}/server.key`,
    'database mdb',
    'suffix "dc=example,dc=org"',
    'rootdn "cn=admin,dc=example,dc=org"',
    'rootpw admin-secret',
    `directory ${folder}/data`,
    // Nobody reads anything without a bind, as in directories of today.
    'access to attrs=userPassword by anonymous auth by * none',
    'access to * by users read by * none',
    '',
  ].join('\n');
}

/** Starts it until its owner ends. */
export async function startSlapd(owner: Owner): Promise<Slapd> {
  const folder = temporaryFolder(owner, 'slapd');
  mkdirSync(join(folder, 'data'));
  await makeCertificates(owner, folder);
  writeFileSync(join(folder, 'slapd.conf'), configuration(folder));
  writeFileSync(join(folder, 'people.ldif'), PEOPLE);
  const file = join(folder, 'slapd.conf');
  await run(owner, ['slapadd', '-f', file, '-l', join(folder, 'people.ldif')]);
  const [plainPort, tlsPort] = [await freePort(), await freePort()];
  const plain = `ldap://127.0.0.1:${plainPort}`;
  const tls = `ldaps://127.0.0.1:${tlsPort}`;
  const server = SystemProcess.start(owner, [
    'slapd',
    '-d',
    '256',
    '-f',
    file,
    '-h',
    `${plain}/ ${tls}/`,
  ]);
  await until('slapd', () => server.stderr.includes('slapd starting') || undefined, {
    seen: () => server.stderr,
  });
  return { plain, tls, ca: readFileSync(join(folder, 'ca.pem'), 'utf8') };
}

async function makeCertificates(owner: Owner, folder: string): Promise<void> {
  const at = (name: string): string => join(folder, name);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'] as const;
  await run(owner, [
    ...['openssl', 'req', '-x509', ...key, '-subj', '/CN=Test authority', '-days', '2'],
    ...['-keyout', at('ca.key'), '-out', at('ca.pem')],
  ] as const);
  await run(owner, [
    ...['openssl', 'req', '-x509', ...key, '-subj', '/CN=ldap.example.org', '-days', '2'],
    ...['-CA', at('ca.pem'), '-CAkey', at('ca.key')],
    ...['-addext', 'subjectAltName=IP:127.0.0.1,DNS:ldap.example.org'],
    ...['-keyout', at('server.key'), '-out', at('server.pem')],
  ] as const);
}

async function run(owner: Owner, command: readonly [string, ...string[]]): Promise<void> {
  const { status, stderr } = await SystemProcess.start(owner, command).ended;
  if (status !== 0) throw new Error(`${command.join(' ')} failed: ${stderr}`);
}
