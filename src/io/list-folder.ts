// Folders in the place of a list file: certificates of authorities and revocation lists, as OpenSSL and administrators keep
// them. Their files are read whole, bounded, and looked at again while the policy runs.

import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from './error-code.ts';
import type { ListContent, Stamp, Unreadable, Watched } from './list-file.ts';
import { lookAtFile, readListFile, stampOf, unreadable } from './list-file.ts';

/** What a folder may have. */
export interface ListFolderLimits {
  /** Files that count: a system has some 150 authorities, each of them under two names. */
  readonly maxFiles: number;
  /** Of all these files: what a policy is made of stays in memory for as long as it runs. */
  readonly maxBytes: number;
  /** Whatever they are: a path that leads to the wrong folder is not worth reading that to its end. */
  readonly maxEntries: number;
}

/** Several times what systems and large organisations have. */
export const LIST_FOLDER_LIMITS: ListFolderLimits = {
  maxFiles: 1_000,
  maxBytes: 16 * 1024 * 1024,
  maxEntries: 10_000,
};

/** How often a folder is looked at, in milliseconds, with every file of it: a change counts after two looks. */
export const FOLDER_LOOK_EVERY_MS = 10_000;

/** A file of a folder. */
export interface FolderText {
  readonly path: string;
  readonly text: string;
}

/** What came of reading a folder, or the file that is in its place. `path`: the file of the folder that is to blame. */
export type FolderContent =
  | ListContent
  | { readonly ok: true; readonly files: readonly FolderText[]; readonly stamp: Stamp }
  | (Unreadable & { readonly path?: string });

interface FoundFile {
  readonly name: string;
  readonly path: string;
  readonly status: BigIntStats;
}

/** A file, or a folder of which the files with these names count. */
export class ListFolder {
  readonly #path: string;
  readonly #names: RegExp;
  readonly #limits: ListFolderLimits;

  constructor(path: string, names: RegExp, limits: ListFolderLimits = LIST_FOLDER_LIMITS) {
    this.#path = path;
    this.#names = names;
    this.#limits = limits;
  }

  /** Reads the file, or each file of the folder once, however many links lead to it. Never rejects. */
  async read(): Promise<FolderContent> {
    if (!(await isFolder(this.#path))) return readListFile(this.#path);
    const found = await this.#find();
    if (!Array.isArray(found)) return found;
    const stamp = stampOfAll(found);
    const { maxFiles, maxBytes } = this.#limits;
    const files = [...new Map(found.map((file) => [stampOf(file.status), file])).values()];
    const bytes = files.reduce((sum, { status }) => sum + Number(status.size), 0);
    if (found.length > maxFiles) return tooMuch(`has more than ${maxFiles} such files`, stamp);
    if (bytes > maxBytes) return tooMuch(`has such files of more than ${maxBytes} bytes`, stamp);
    const texts: FolderText[] = [];
    for (const { path } of files) {
      const content = await readListFile(path, maxBytes);
      if (!content.ok) return { ...content, path, stamp };
      texts.push({ path, text: content.text });
    }
    return { ok: true, files: texts, stamp };
  }

  /** What it looks like now. Never rejects. */
  async look(): Promise<Stamp> {
    if (!(await isFolder(this.#path))) return lookAtFile(this.#path);
    const found = await this.#find();
    return Array.isArray(found) ? stampOfAll(found) : found.stamp;
  }

  /** For `watchContent`; `stamp`: of when it was read. */
  watched(stamp: Stamp): Watched<FolderContent> {
    return {
      stamp,
      lookEveryMs: FOLDER_LOOK_EVERY_MS,
      look: () => this.look(),
      read: () => this.read(),
    };
  }

  /** The files that count, by their names; one more than may be is enough. Links to nothing and folders are none. */
  async #find(): Promise<FoundFile[] | Unreadable> {
    const found: FoundFile[] = [];
    let entries = 0;
    try {
      for await (const { name } of await opendir(this.#path)) {
        if (++entries > this.#limits.maxEntries) return this.#tooMany();
        if (!this.#names.test(name)) continue;
        const path = join(this.#path, name);
        const status = await stat(path, { bigint: true }).catch(() => undefined);
        if (status?.isFile() === true) found.push({ name, path, status });
        if (found.length > this.#limits.maxFiles) break;
      }
    } catch (error) {
      return unreadable(errorCode(error));
    }
    return found.sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  #tooMany(): Unreadable {
    return tooMuch(`has more than ${this.#limits.maxEntries} entries`, 'too many entries');
  }
}

async function isFolder(path: string): Promise<boolean> {
  const status = await stat(path).catch(() => undefined);
  return status?.isDirectory() === true;
}

function stampOfAll(files: readonly FoundFile[]): Stamp {
  const hash = createHash('sha256');
  for (const { name, status } of files) hash.update(`${name}\0${stampOf(status)}\0`);
  return hash.digest('hex');
}

function tooMuch(problem: string, stamp: Stamp): Unreadable {
  return { ok: false, problem, cure: 'give a folder that has only what is meant', stamp };
}
