// The folder in which the packet filter keeps what it needs to go back: only its owner may look in, and every file is
// written as a whole or not at all, also if the machine stops in the middle.

import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { PacketFilterError } from './packet-filter-error.ts';

const OWNER_ONLY = 0o700;
const OWNER_FILE = 0o600;
const OTHERS = 0o077;
const MAX_FILE_BYTES = 64 * 1024 * 1024; // as much as nft may list

/** A folder of this user alone. */
export class StateFolder {
  readonly path: string;

  /** Nothing is made or checked before something is written or read. */
  constructor(path: string) {
    this.path = resolve(path);
  }

  /** Makes the folder where it is missing. @throws PacketFilterError where somebody else may write in it. */
  open(): void {
    try {
      mkdirSync(dirname(this.path), { recursive: true, mode: OWNER_ONLY });
      this.#make(dirname(this.path));
      this.#make(this.path);
    } catch (error) {
      throw fault(error, `Cannot make the folder ${this.path}`);
    }
    this.#check();
  }

  #make(path: string): void {
    try {
      mkdirSync(path, { mode: OWNER_ONLY });
      chmodSync(path, OWNER_ONLY); // the umask may have taken something away
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  }

  /** Whether it is there; checked if it is. */
  exists(): boolean {
    try {
      this.#check();
      return true;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return false;
      throw error;
    }
  }

  /** Another user could make Zorp load a packet filter of his own. */
  #check(): void {
    const status = lstatSync(this.path);
    if (!status.isDirectory())
      throw new PacketFilterError(
        'state.folder',
        `${this.path} is no folder: give another one with --state-folder`,
      );
    if (status.uid !== process.geteuid?.() || (status.mode & OTHERS) !== 0)
      throw new PacketFilterError(
        'state.not-private',
        `The folder ${this.path} is open to other users: make it yours alone with "chown $(id -u) ${this.path} && chmod 700 ${this.path}"`,
      );
  }

  /** The path of a file in it. */
  file(name: string): string {
    return join(this.path, name);
  }

  /** The names of what is in it; nothing where there is no folder. */
  names(): readonly string[] {
    try {
      return readdirSync(this.path);
    } catch {
      return [];
    }
  }

  /** Reads a file; undefined where there is none. @throws PacketFilterError for one that is not of this user alone. */
  read(name: string): string | undefined {
    const path = this.file(name);
    let descriptor: number;
    try {
      descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw fault(error, `Cannot read ${path}`);
    }
    try {
      const status = fstatSync(descriptor);
      const isOurs = status.uid === process.geteuid?.() && (status.mode & OTHERS) === 0;
      if (!status.isFile() || !isOurs || status.size > MAX_FILE_BYTES)
        throw new PacketFilterError(
          'state.file',
          `${path} is not a file that Zorp wrote: look who made it, and remove it`,
        );
      return readFileSync(descriptor, 'utf8');
    } finally {
      closeSync(descriptor);
    }
  }

  /** Writes a file: afterwards it is on the disk with this text, or as it was. */
  write(name: string, text: string): void {
    const path = this.file(name);
    const draft = this.file(`draft-${randomBytes(8).toString('hex')}`);
    try {
      const descriptor = openSync(draft, 'wx', OWNER_FILE);
      try {
        writeFileSync(descriptor, text);
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
      renameSync(draft, path);
      syncFolder(this.path);
    } catch (error) {
      rmSync(draft, { force: true });
      throw fault(error, `Cannot write ${path}`);
    }
  }

  /** Removes a file, if it is there. */
  remove(name: string): void {
    rmSync(this.file(name), { force: true });
  }

  /** Removes the folder with everything in it. */
  removeAll(): void {
    rmSync(this.path, { recursive: true, force: true });
    this.removeIfEmpty();
  }

  /** Removes the folder if it is empty, and then the one above if that is empty, too. */
  removeIfEmpty(): void {
    for (const path of [this.path, dirname(this.path)]) {
      try {
        rmdirSync(path);
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') return; // somebody has state there
      }
    }
  }
}

function syncFolder(path: string): void {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}

function fault(cause: unknown, what: string): PacketFilterError {
  const message = `${what} (${codeOf(cause)}): give a folder of your own with --state-folder`;
  return new PacketFilterError('state.folder', message, { cause });
}
