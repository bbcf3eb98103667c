// A folder of made certificates that real processes share: at the same time, killed in the middle, on a disk that is full, and
// with whatever else somebody has put there.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { before, describe, it } from 'node:test';
import fc from 'fast-check';
import { readStored } from '../../src/io/stored-certificate.ts';
import { makeAuthority } from '../../src/keybridge/authority.ts';
import { needs } from '../support/needs.ts';
import { goodCertificates, writeCertificate } from '../support/random-certificates.ts';
import type { Owner } from '../support/system-process.ts';
import { suiteOwner, SystemProcess } from '../support/system-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const MAIN = join(import.meta.dirname, '../support/certificate-maker-main.ts');
const ORIGINALS = 60;
const MAX_FILES = 40;
/** How many files the processes write before they count again. */
const COUNT_EVERY = 10;
const END_MS = 60_000;

interface Report {
  readonly made: number;
  readonly found: number;
  readonly problems: readonly string[];
}

describe('a folder of certificates', needs('setpriv'), () => {
  const owner = suiteOwner();
  const inputs = temporaryFolder(owner, 'originals');

  before(() => {
    const now = Math.floor(Date.now() / 1000) * 1000;
    const { certificate, privateKey } = makeAuthority({ name: 'Shared', now });
    writeFileSync(join(inputs, 'ca.pem'), certificate);
    writeFileSync(join(inputs, 'ca.key'), privateKey);
    for (const [index, wish] of fc.sample(goodCertificates(now), ORIGINALS).entries())
      writeFileSync(join(inputs, `${index}.der`), writeCertificate(wish));
  });

  function maker(
    of: Owner,
    path: string,
    rounds: number,
    within: readonly string[] = [],
  ): SystemProcess {
    const args = [process.execPath, MAIN, path, inputs, String(rounds), String(MAX_FILES)];
    const [program = '', ...rest] = [...within, ...args];
    return SystemProcess.start(of, [program, ...rest]);
  }

  async function reportOf(started: SystemProcess): Promise<Report> {
    const { status, stdout, stderr } = await started.end(END_MS);
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout.split('\n').at(-2) ?? '') as Report;
  }

  /** Each file is whole that nobody removes meanwhile. */
  function checkFiles(path: string): number {
    const names = readdirSync(path).filter((name) => /^[0-9a-f]{64}\.pem$/.test(name));
    for (const name of names) {
      const text = wholeText(join(path, name));
      if (text === undefined) continue;
      const stored = readStored(text);
      assert.ok(stored !== undefined && new X509Certificate(stored.encoded).issuer === 'CN=Shared');
    }
    return names.length;
  }

  function wholeText(path: string): string | undefined {
    try {
      return readFileSync(path, 'latin1');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }

  it('is shared by processes that write and remove at the same time', async (t) => {
    const path = temporaryFolder(t, 'shared');
    const processes = Array.from({ length: 4 }, () => maker(t, path, 400));
    const reports = await Promise.all(processes.map(reportOf));
    for (const { made, found, problems } of reports) {
      assert.equal(made + found, 400);
      assert.ok(found > 0);
      assert.deepEqual(problems, []);
    }
    const count = checkFiles(path);
    assert.ok(count > 0 && count <= MAX_FILES + processes.length * COUNT_EVERY, String(count));
    assert.deepEqual(
      readdirSync(path).filter((name) => name.startsWith('.')),
      [],
    );
  });

  it('is good after processes were killed in the middle of it', async (t) => {
    const path = temporaryFolder(t, 'shared');
    const beside = maker(t, path, 1500);
    for (let count = 0; count < 5; count++) {
      const victim = maker(t, path, 0);
      await victim.says(/ready/);
      await pause(Math.random() * 50);
      victim.signal('SIGKILL');
      assert.equal((await victim.end()).status, 'SIGKILL');
      checkFiles(path);
    }
    assert.deepEqual((await reportOf(beside)).problems, []);
    const { found } = await reportOf(maker(t, path, 200));
    assert.ok(found > 0);
    assert.ok(checkFiles(path) <= MAX_FILES + 7 * COUNT_EVERY);
  });

  it('may have anything in it', async (t) => {
    const path = temporaryFolder(t, 'shared');
    await reportOf(maker(t, path, 300));
    const names = readdirSync(path);
    const garbage = [
      '',
      '\0'.repeat(5000),
      'Made 2026',
      readFileSync(join(inputs, 'ca.pem'), 'utf8'),
    ];
    for (const [index, name] of names.entries())
      writeFileSync(join(path, name), garbage[index % garbage.length] ?? '');
    writeFileSync(join(path, 'note'), 'not a certificate');
    mkdirSync(join(path, `${'0'.repeat(64)}.pem`));
    const { made, problems } = await reportOf(maker(t, path, 300));
    assert.ok(made > 0);
    assert.deepEqual(problems, []);
    rmSync(join(path, `${'0'.repeat(64)}.pem`), { recursive: true });
    assert.equal(readFileSync(join(path, 'note'), 'utf8'), 'not a certificate');
    await reportOf(maker(t, path, 300));
    // What was never asked for again is as it was; all others are as they should be.
    const left = readdirSync(path).filter((name) => readStored(textOf(path, name)) !== undefined);
    assert.ok(left.length > MAX_FILES / 2, String(left.length));
  });

  function textOf(path: string, name: string): string {
    return readFileSync(join(path, name), 'latin1');
  }

  it('is done without where the disk is full', needs('unshare', 'root'), async (t) => {
    const path = temporaryFolder(t, 'shared');
    const script = `mount -t tmpfs -o size=64k none ${path} && exec "$@"`;
    const full = maker(t, path, 300, ['unshare', '--mount', 'sh', '-c', script, 'sh']);
    const { made, found, problems } = await reportOf(full);
    assert.equal(made + found, 300);
    assert.ok(found > 0 && made > ORIGINALS);
    assert.deepEqual(problems, [`${path}: ENOSPC`]);
  });
});
