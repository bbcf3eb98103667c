// Authorities and certificates of tests, made by openssl: in a folder that goes with its owner.
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Owner } from './system-process.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** What a certificate says; what is not named is as a good server has it. */
export interface CertificateWish {
  /** Lines of the section `extensions` of openssl's configuration; default: for the name, of a server. */
  readonly extensions?: readonly string[];
  /** The common name. Default: the name. */
  readonly commonName?: string;
  /** Validity, `YYYYMMDDHHMMSSZ`. Default: from yesterday for thirty days. */
  readonly from?: string;
  readonly to?: string;
  /** Options of `openssl genpkey`. Default: P-256. */
  readonly key?: readonly string[];
  /** Default: sha256. */
  readonly digest?: string;
}

/** The files of a certificate. */
export interface MadeCertificate {
  readonly certificate: string;
  readonly privateKey: string;
}

const P256 = ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'];
const CA_EXTENSIONS = [
  'basicConstraints=critical,CA:TRUE',
  'keyUsage=critical,keyCertSign,cRLSign',
  'subjectKeyIdentifier=hash',
];

/** An authority, and what it signs. */
export class TestAuthority {
  readonly folder: string;
  readonly name: string;
  #count = 0;

  constructor(folder: string, name: string) {
    this.folder = folder;
    this.name = name;
  }

  /** Makes an authority in a folder of its own. */
  static make(owner: Owner, name = 'authority'): TestAuthority {
    return TestAuthority.in(temporaryFolder(owner, 'authority'), name);
  }

  /** Makes an authority in this folder, which is made where it is not there. */
  static in(folder: string, name = 'authority'): TestAuthority {
    mkdirSync(folder, { recursive: true });
    const authority = new TestAuthority(folder, name);
    authority.#prepare(name, { extensions: CA_EXTENSIONS });
    authority.#sign(name, name, { extensions: CA_EXTENSIONS });
    return authority;
  }

  /** The file of its certificate. */
  get certificate(): string {
    return this.#path(this.name, 'pem');
  }

  /** Its files. */
  get made(): MadeCertificate {
    return { certificate: this.certificate, privateKey: this.#path(this.name, 'key') };
  }

  /** A certificate for a server, or for what is wished. */
  issue(name: string, wish: CertificateWish = {}): MadeCertificate {
    const full = {
      extensions: [`subjectAltName=DNS:${name}`, 'extendedKeyUsage=serverAuth,clientAuth'],
      ...wish,
    };
    this.#prepare(name, full);
    this.#sign(name, this.name, full);
    return { certificate: this.#path(name, 'pem'), privateKey: this.#path(name, 'key') };
  }

  /** One that nobody but itself vouches for. */
  issueSelfSigned(name: string, wish: CertificateWish): MadeCertificate {
    this.#prepare(name, wish);
    this.#sign(name, name, wish);
    return { certificate: this.#path(name, 'pem'), privateKey: this.#path(name, 'key') };
  }

  /** An authority below it. */
  issueAuthority(
    name: string,
    extensions: readonly string[] = CA_EXTENSIONS,
    wish: CertificateWish = {},
  ): TestAuthority {
    this.issue(name, { ...wish, extensions });
    return new TestAuthority(this.folder, name);
  }

  /** Changes a bit of the signature of a certificate. */
  spoil(made: MadeCertificate): MadeCertificate {
    const { raw } = new X509Certificate(readFileSync(made.certificate));
    const spoiled = Buffer.from(raw);
    spoiled.writeUInt8(spoiled.readUInt8(spoiled.length - 1) ^ 1, spoiled.length - 1);
    const lines = (spoiled.toString('base64').match(/.{1,64}/g) ?? []).join('\n');
    writeFileSync(
      made.certificate,
      `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    );
    return made;
  }

  /** A revocation list of these certificates, of files in this folder. @returns its file. */
  revoke(...names: readonly string[]): string {
    return this.#revoke(names, ['-crldays', '30']);
  }

  /** One that was valid for a while, long ago. @returns its file. */
  revokeLongAgo(...names: readonly string[]): string {
    const then = ['-crl_lastupdate', '20250101000000Z', '-crl_nextupdate', '20250201000000Z'];
    return this.#revoke(names, then);
  }

  #revoke(names: readonly string[], validity: readonly string[]): string {
    const database = names.map((name, index) => {
      const serial = this.#openssl('x509', '-in', this.#path(name, 'pem'), '-noout', '-serial');
      const number = serial.trim().split('=')[1] ?? '';
      return `R\t491231000000Z\t25010100000${index}Z\t${number}\tunknown\t/CN=${name}\n`;
    });
    writeFileSync(this.#path('index', 'txt'), database.join(''));
    const config = `[ca]\ndefault_ca=a\n[a]\ndatabase=${this.#path('index', 'txt')}\ndefault_md=sha256\n`;
    writeFileSync(this.#path('crl', 'cnf'), config);
    const out = this.#path(`${this.name}-revoked-${this.#count++}`, 'crl');
    const by = ['-cert', this.certificate, '-keyfile', this.#path(this.name, 'key')];
    this.#openssl(
      'ca',
      '-config',
      this.#path('crl', 'cnf'),
      '-gencrl',
      ...validity,
      ...by,
      '-out',
      out,
    );
    return out;
  }

  /** Several files in one, in this order. @returns its path. */
  join(name: string, ...files: readonly string[]): string {
    const path = this.#path(name, 'pem');
    writeFileSync(path, files.map((file) => readFileSync(file, 'utf8')).join(''));
    return path;
  }

  #prepare(
    name: string,
    { key = P256, commonName = name, digest = 'sha256' }: CertificateWish,
  ): void {
    const file = this.#path(name, 'key');
    this.#openssl('genpkey', ...key, '-out', file);
    const subject = ['-subj', `/CN=${commonName}`, `-${digest}`];
    this.#openssl('req', '-new', '-key', file, ...subject, '-out', this.#path(name, 'csr'));
  }

  #sign(name: string, by: string, wish: CertificateWish): void {
    const { extensions = [], from, to, digest = 'sha256' } = wish;
    const config = this.#path(name, 'cnf');
    const database = this.#path(`${name}-database`, 'txt');
    writeFileSync(database, '');
    const lines = [
      ...['[ca]', 'default_ca=a', '[a]', `database=${database}`, `new_certs_dir=${this.folder}`],
      ...[`default_md=${digest}`, 'rand_serial=yes', 'policy=p', 'unique_subject=no'],
      ...['[p]', 'commonName=optional', '[e]', ...extensions],
    ];
    writeFileSync(config, `${lines.join('\n')}\n`);
    const day = 24 * 3600 * 1000;
    const dates = [
      ...['-startdate', from ?? asn1Time(Date.now() - day)],
      ...['-enddate', to ?? asn1Time(Date.now() + 30 * day)],
    ];
    const signer = by === name ? ['-selfsign'] : ['-cert', this.#path(by, 'pem')];
    const keyFile = ['-keyfile', this.#path(by, 'key')];
    const files = ['-in', this.#path(name, 'csr'), '-out', this.#path(name, 'pem'), '-notext'];
    this.#openssl(
      'ca',
      '-batch',
      '-config',
      config,
      '-extensions',
      'e',
      ...dates,
      ...signer,
      ...keyFile,
      ...files,
    );
  }

  #path(name: string, ending: string): string {
    return join(this.folder, `${name.replaceAll('*', 'any')}.${ending}`);
  }

  #openssl(...args: readonly string[]): string {
    return execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }
}

function asn1Time(at: number): string {
  return new Date(at).toISOString().replace(/[-:T]|\.\d+/g, '');
}
