import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { FolderLimits } from './certificate-folder.ts';
import { CertificateFolder, FOLDER_LIMITS } from './certificate-folder.ts';

const MINUTE_MS = 60_000;

describe('CertificateFolder', () => {
  let path: string;
  let now: number;
  let problems: string[];

  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'zorp-folder-'));
    now = Date.now();
    problems = [];
  });
  afterEach(() => rmSync(path, { recursive: true, force: true }));

  function folderOf(limits: Partial<FolderLimits> = {}): CertificateFolder {
    const clock = { now: () => now };
    const problem = (message: string): void => void problems.push(message);
    return new CertificateFolder(path, clock, problem, { ...FOLDER_LIMITS, ...limits });
  }

  function nameOf(number: number): string {
    return `${number.toString(16).padStart(64, '0')}.pem`;
  }

  function inFolder(name: string): string {
    return join(path, name);
  }

  /** A file that was there before, this old. */
  function put(name: string, text: string, ageMs: number): void {
    writeFileSync(inFolder(name), text);
    const at = (now - ageMs) / 1000;
    utimesSync(inFolder(name), at, at);
  }

  it('gives back what was written, for nobody else to read', async () => {
    const folder = folderOf();
    assert.equal(folder.read(nameOf(1)), undefined);
    folder.write(nameOf(1), 'one');
    folder.write(nameOf(2), 'two');
    folder.write(nameOf(1), 'one again');
    await folder.written();
    assert.deepEqual(
      [1, 2].map((number) => folder.read(nameOf(number))),
      ['one again', 'two'],
    );
    assert.deepEqual(readdirSync(path).sort(), [nameOf(1), nameOf(2)]);
    assert.equal(statSync(inFolder(nameOf(1))).mode & 0o777, 0o600);
    assert.equal(folderOf().read(nameOf(2)), 'two');
    assert.deepEqual(problems, []);
  });

  it('removes the oldest where there are too many files, or too many bytes', async () => {
    for (let number = 0; number < 30; number++) put(nameOf(number), 'x', (number + 1) * MINUTE_MS);
    const few = folderOf({ maxFiles: 20 });
    few.write(nameOf(100), 'new');
    await few.written();
    const left = Array.from({ length: 18 }, (_, number) => nameOf(number));
    assert.deepEqual(readdirSync(path).sort(), [...left, nameOf(100)].sort());

    const small = folderOf({ maxBytes: 10 });
    small.write(nameOf(101), 'new');
    await small.written();
    // Of at most ten bytes nine are left: three of what was written now, and six of one byte.
    assert.deepEqual(
      readdirSync(path).sort(),
      [...left.slice(0, 6), nameOf(100), nameOf(101)].sort(),
    );
  });

  it('counts again after so many files, not after each', async () => {
    const folder = folderOf({ maxFiles: 10, countEvery: 8 });
    let most = 0;
    for (let number = 0; number < 100; number++) {
      folder.write(nameOf(number), 'x');
      await folder.written();
      most = Math.max(most, readdirSync(path).length);
    }
    assert.ok(most > 10 && most <= 18, String(most));
  });

  it('removes what is too old, and what a process that has died left behind', async () => {
    put(nameOf(1), 'old', FOLDER_LIMITS.maxAgeMs + MINUTE_MS);
    put(nameOf(2), 'young', FOLDER_LIMITS.maxAgeMs - MINUTE_MS);
    put(`.new-${'a'.repeat(32)}`, 'dead', 11 * MINUTE_MS);
    put(`.new-${'b'.repeat(32)}`, 'at work', 9 * MINUTE_MS);
    const folder = folderOf();
    folder.write(nameOf(3), 'new');
    await folder.written();
    assert.deepEqual(readdirSync(path).sort(), [`.new-${'b'.repeat(32)}`, nameOf(2), nameOf(3)]);
  });

  it('leaves alone what is not its own, and takes nothing for a file that is none', async () => {
    const others = ['README', 'key.pem', `${nameOf(1)}.bak`];
    for (const name of others) put(name, 'mine', FOLDER_LIMITS.maxAgeMs * 2);
    mkdirSync(inFolder(nameOf(10)));
    symlinkSync('/etc/passwd', inFolder(nameOf(11)));
    execFileSync('mkfifo', [inFolder(nameOf(12))]);
    put(nameOf(13), 'x'.repeat(200_000), 0);
    const folder = folderOf({ maxFiles: 4 });
    for (const number of [10, 11, 12, 13]) {
      assert.equal(folder.read(nameOf(number)), undefined, String(number));
      folder.write(nameOf(number), 'new');
    }
    await folder.written();
    for (const number of [11, 12, 13]) assert.equal(folder.read(nameOf(number)), 'new');
    assert.ok(statSync(inFolder(nameOf(10))).isDirectory());
    for (const name of others) assert.equal(readFileSync(inFolder(name), 'utf8'), 'mine');
    assert.match(readFileSync('/etc/passwd', 'utf8'), /^root:/);
    assert.deepEqual(problems, []);
  });

  it('says once that nothing can be written, and tries again after a minute', async () => {
    const folder = folderOf();
    rmSync(path, { recursive: true });
    for (let number = 0; number < 3; number++) {
      folder.write(nameOf(number), 'x');
      await folder.written();
      assert.equal(folder.read(nameOf(number)), undefined);
    }
    assert.deepEqual(problems, [`${path}: ENOENT`]);
    mkdirSync(path);
    now += MINUTE_MS;
    folder.write(nameOf(1), 'x');
    await folder.written();
    assert.equal(folder.read(nameOf(1)), 'x');
  });

  it('lets only so many files wait', async () => {
    const folder = folderOf();
    for (let number = 0; number < 400; number++) folder.write(nameOf(number), 'x');
    await folder.written();
    assert.equal(readdirSync(path).length, 256);
    assert.ok(existsSync(inFolder(nameOf(255))));
    folder.write(nameOf(399), 'x');
    await folder.written();
    assert.equal(folder.read(nameOf(399)), 'x');
  });
});
