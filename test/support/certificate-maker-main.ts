// A process that makes certificates and keeps them in a folder that it shares with others. Arguments: that folder, one with
// the originals and the authority, how many to make (0: for ever), and how many files the folder may hold. It makes sure of
// each certificate, and says at its end how many it made, how many it found, and why some could not be written.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { carryOver } from '../../src/io/carry-over.ts';
import { CertificateFolder, FOLDER_LIMITS } from '../../src/io/certificate-folder.ts';
import { readAuthority } from '../../src/keybridge/authority.ts';
import { deriveServerKey } from '../../src/keybridge/server-key.ts';

const [path = '', inputs = '', rounds = '0', maxFiles = '0'] = process.argv.slice(2);
const certificate = readFileSync(join(inputs, 'ca.pem'), 'utf8');
const privateKey = readFileSync(join(inputs, 'ca.key'), 'utf8');
const authority = readAuthority({ certificate, privateKey, passphrase: undefined }, Date.now());
const issuer = new X509Certificate(certificate).publicKey;
const { publicKey } = deriveServerKey(createPrivateKey(privateKey));
const carriedOver = ['2.5.29.17', '2.5.29.37'];
const originals = readdirSync(inputs)
  .filter((name) => name.endsWith('.der'))
  .map((name) => readFileSync(join(inputs, name)));

const problems = new Set<string>();
const limits = { ...FOLDER_LIMITS, maxFiles: Number(maxFiles), countEvery: 10 };
const clock = { now: () => Date.now() };
const folder = new CertificateFolder(path, clock, (message) => problems.add(message), limits);
let made = 0;
let found = 0;

function makeOne(original: Buffer): void {
  const now = Date.now();
  const shown = carryOver(original, { authority, publicKey, carriedOver, folder, now });
  if (shown.madeAt === now) made++;
  else found++;
  const parsed = new X509Certificate(shown.encoded);
  const { subjectAltName } = new X509Certificate(original);
  if (!parsed.verify(issuer) || parsed.subjectAltName !== subjectAltName)
    throw new Error('A certificate is not what was asked for');
}

process.stdout.write('ready\n');
for (let round = 0; rounds === '0' || round < Number(rounds); round++) {
  const original = originals[Math.floor(Math.random() * originals.length)];
  if (original !== undefined) makeOne(original);
  // One after the other, or, by chance, several at once.
  if (Math.random() < 0.7) await folder.written();
}
await folder.written();
process.stdout.write(`${JSON.stringify({ made, found, problems: [...problems] })}\n`);
