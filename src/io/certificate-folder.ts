// A folder with small files that several processes share as a cache: whole files only, as many as it may hold, and whatever
// goes wrong with it, nobody waits for it.

import { randomBytes } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { lstat, open, opendir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../session/outside.ts';
import { errorCode } from './error-code.ts';
import { isStoredName } from './stored-certificate.ts';

/** What a folder may hold. */
export interface FolderLimits {
  readonly maxFiles: number;
  readonly maxBytes: number;
  /** Older files are removed, in milliseconds. */
  readonly maxAgeMs: number;
  /** How many files a process writes before it counts again. */
  readonly countEvery: number;
}

/** Some 20 MiB: more servers than an office visits in a month. Each process may be `countEvery` above it for a moment. */
export const FOLDER_LIMITS: FolderLimits = {
  maxFiles: 10_000,
  maxBytes: 64 * 1024 * 1024,
  maxAgeMs: 30 * 86_400_000,
  countEvery: 1_000,
};

/** Bytes of a file: a certificate of 100 KiB, which is the largest that is read of a server, has less as PEM. */
const MAX_FILE_BYTES = 160 * 1024;
/** How much of the limits is left after files were removed, so that this is not to be done again at once. */
const LEFT = 0.9;
/** Files that wait to be written; more are made faster than the disk takes them, and are not kept. */
const MAX_WAITING = 256;
/** How long nothing is written to a disk that is full or fails. */
const PAUSE_MS = 60_000;
/** An unfinished file that is older than this, in milliseconds, is of a process that has died. */
const UNFINISHED_MS = 600_000;
const UNFINISHED = /^\.new-[0-9a-f]{32}$/;

// A FIFO would wait for a writer, and a link may lead anywhere.
const READ = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

/** Is told why nothing can be written, at most once a minute. */
export type FolderProblem = (message: string) => void;

interface KnownFile {
  readonly path: string;
  readonly modifiedMs: number;
  readonly bytes: number;
}

/** Such a folder. What is read from it may be anything: the files are not trusted, and need not be. */
export class CertificateFolder {
  readonly #path: string;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #problem: FolderProblem;
  readonly #limits: FolderLimits;
  /** Everything that is done to the disk, one after the other. */
  #work: Promise<void> = Promise.resolve();
  #waiting = 0;
  #pausedUntil = 0;
  /** Counted at the first file, and then every so often. */
  #untilCount = 0;

  constructor(
    path: string,
    clock: Pick<Clock, 'now'>,
    problem: FolderProblem,
    limits: FolderLimits = FOLDER_LIMITS,
  ) {
    this.#path = path;
    this.#clock = clock;
    this.#problem = problem;
    this.#limits = limits;
  }

  /** What is in a file; undefined if there is none that can be read. */
  read(name: string): string | undefined {
    let file: number | undefined;
    try {
      file = openSync(join(this.#path, name), READ);
      const status = fstatSync(file);
      if (!status.isFile() || status.size > MAX_FILE_BYTES) return undefined;
      const bytes = Buffer.alloc(status.size);
      const length = readSync(file, bytes, 0, bytes.length, 0);
      return bytes.toString('latin1', 0, length);
    } catch {
      return undefined; // it is made anew, whatever was wrong
    } finally {
      if (file !== undefined) closeSync(file);
    }
  }

  /** Writes a file, or puts it in the place of another one, soon; it may never come to that. */
  write(name: string, text: string): void {
    if (this.#waiting >= MAX_WAITING || this.#clock.now() < this.#pausedUntil) return;
    this.#waiting++;
    this.#work = this.#work.then(() => this.#replace(name, text)).finally(() => this.#waiting--);
  }

  /** Resolves when everything that was to be written is. */
  written(): Promise<void> {
    return this.#work;
  }

  async #replace(name: string, text: string): Promise<void> {
    const unfinished = join(this.#path, `.new-${randomBytes(16).toString('hex')}`);
    try {
      if (this.#untilCount <= 0) await this.#makeRoom();
      this.#untilCount--;
      // Not to the disk itself: what a power failure cuts off is found out when it is read.
      await writeNew(unfinished, text);
      await rename(unfinished, join(this.#path, name));
    } catch (error) {
      await remove(unfinished);
      this.#failed(errorCode(error));
    }
  }

  #failed(code: string): void {
    if (code === 'EISDIR') return; // somebody made a folder of this name: that is not ours, and all others are written
    this.#untilCount = 0; // for what is too old
    this.#pausedUntil = this.#clock.now() + PAUSE_MS;
    this.#problem(`${this.#path}: ${code}`);
  }

  /** Removes what is too old, what nobody finished, and the oldest of what is too much. */
  async #makeRoom(): Promise<void> {
    const { maxFiles, maxBytes, maxAgeMs, countEvery } = this.#limits;
    const files = (await this.#list()).sort((one, other) => other.modifiedMs - one.modifiedMs);
    const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
    const isTooMuch = files.length > maxFiles || total > maxBytes;
    const share = isTooMuch ? LEFT : 1;
    const oldest = this.#clock.now() - maxAgeMs;
    let kept = 0;
    let bytes = 0;
    for (const file of files) {
      bytes += file.bytes;
      const fits = kept < maxFiles * share && bytes <= maxBytes * share;
      if (fits && file.modifiedMs >= oldest) kept++;
      else await remove(file.path);
    }
    this.#untilCount = countEvery;
  }

  /** The files that are ours; those that nobody finished are removed. Others are left as they are. */
  async #list(): Promise<KnownFile[]> {
    const files: KnownFile[] = [];
    for await (const { name } of await opendir(this.#path)) {
      const isUnfinished = UNFINISHED.test(name);
      if (!isUnfinished && !isStoredName(name)) continue;
      const path = join(this.#path, name);
      const status = await lstat(path).catch(() => undefined); // another process may have removed it
      if (status === undefined) continue;
      const { mtimeMs: modifiedMs, size: bytes } = status;
      if (!isUnfinished) files.push({ path, modifiedMs, bytes });
      else if (modifiedMs < this.#clock.now() - UNFINISHED_MS) await remove(path);
    }
    return files;
  }
}

async function writeNew(path: string, text: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'wx', 0o600);
    await handle.writeFile(text, 'latin1');
  } finally {
    await handle?.close();
  }
}

async function remove(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => undefined); // what cannot be removed does no harm
}
