// List files of a policy: read whole, bounded, and looked at again while the policy runs.

import type { BigIntStats } from 'node:fs';
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open, stat } from 'node:fs/promises';
import type { Clock } from '../session/outside.ts';
import { errorCode } from './error-code.ts';

/** Bytes of a list file: more than two million host names of ordinary length; it is held in memory while it is read. */
export const MAX_LIST_BYTES = 64 * 1024 * 1024;

/** How often a file is looked at, in milliseconds: a change counts after two looks, so within twice this. */
export const LOOK_EVERY_MS = 2_000;

/**
 * What tells one content of a file from another: device, inode, size and times, so that a file that was replaced by
 * another is noticed too; an error code where it cannot be looked at.
 */
export type Stamp = string;

/** Why a file or a folder could not be read. */
export interface Unreadable {
  readonly ok: false;
  readonly problem: string;
  readonly cure: string;
  readonly stamp: Stamp;
  /** Whether there is no such file. */
  readonly isMissing?: boolean;
}

/** What came of reading a list file. */
export type ListContent =
  { readonly ok: true; readonly text: string; readonly stamp: Stamp } | Unreadable;

// A FIFO that took the place of the file meanwhile would wait for a writer, and for ever take a thread that DNS needs.
const WITHOUT_WAITING = constants.O_RDONLY | constants.O_NONBLOCK;

/** Reads a list file. Never rejects. */
export async function readListFile(path: string, maxBytes = MAX_LIST_BYTES): Promise<ListContent> {
  let handle: FileHandle | undefined;
  try {
    // Before it is opened: some devices do something when they are.
    const status = await stat(path, { bigint: true });
    const refused = refusalOf(status, maxBytes);
    if (refused !== undefined) return { ok: false, ...refused, stamp: stampOf(status) };
    handle = await open(path, WITHOUT_WAITING);
    const opened = await handle.stat({ bigint: true });
    const stamp = stampOf(opened);
    const swapped = refusalOf(opened, maxBytes);
    if (swapped !== undefined) return { ok: false, ...swapped, stamp };
    const text = await readText(handle, maxBytes);
    return typeof text === 'string' ? { ok: true, text, stamp } : { ok: false, ...text, stamp };
  } catch (error) {
    return unreadable(errorCode(error));
  } finally {
    await handle?.close().catch(() => undefined);
  }
}

/** What a file looks like now. Never rejects. */
export async function lookAtFile(path: string): Promise<Stamp> {
  try {
    return stampOf(await stat(path, { bigint: true }));
  } catch (error) {
    return errorCode(error);
  }
}

/** What tells the content of a file from another, of what the system says of it. */
export function stampOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): Stamp {
  return [dev, ino, size, mtimeNs, ctimeNs].join(':');
}

interface Refusal {
  readonly problem: string;
  readonly cure: string;
}

function refusalOf(status: BigIntStats, maxBytes: number): Refusal | undefined {
  if (!status.isFile()) return { problem: 'is no file', cure: 'give the path of a file of text' };
  return status.size > BigInt(maxBytes) ? tooLong(maxBytes) : undefined;
}

function tooLong(maxBytes: number): Refusal {
  const problem = `has more than ${maxBytes} bytes`;
  return { problem, cure: 'split it into several lists' };
}

/** The text, or what is wrong with it: a file may grow while it is read. */
async function readText(handle: FileHandle, maxBytes: number): Promise<string | Refusal> {
  // Decoded in the pieces in which it comes: a long text at once would hold everybody up.
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (bytes: Buffer | undefined): string | undefined => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch {
      return undefined;
    }
  };
  let text = '';
  let length = 0;
  for await (const chunk of handle.createReadStream({ autoClose: false, highWaterMark: 1 << 20 })) {
    const bytes = chunk as Buffer; // a stream without an encoding gives buffers
    length += bytes.length;
    if (length > maxBytes) return tooLong(maxBytes);
    const piece = decode(bytes);
    if (piece === undefined) return NO_UTF_8;
    text += piece;
  }
  const rest = decode(undefined);
  return rest === undefined ? NO_UTF_8 : text + rest;
}

const NO_UTF_8: Refusal = { problem: 'is not UTF-8', cure: 'write it as UTF-8 text' };

const MISSING = 'correct the path, or write the file';

/** What helps where it is not the rights of this user. */
const CURES: Readonly<Partial<Record<string, string>>> = {
  ENOENT: MISSING,
  ENOTDIR: MISSING,
  ELOOP: 'a symbolic link of its path leads back to itself: correct that',
  ENAMETOOLONG: 'give a shorter path',
};

/** What is wrong where the system gives this error. */
export function unreadable(code: string): Unreadable {
  const isMissing = code === 'ENOENT' || code === 'ENOTDIR';
  const problem = isMissing ? 'is not there' : `cannot be read (${code})`;
  const cure = CURES[code] ?? 'give this user the right to read it';
  return { ok: false, problem, cure, stamp: code, isMissing };
}

/** What is looked at. */
export interface Watched<Content> {
  /** What it looked like when it was read. */
  readonly stamp: Stamp;
  readonly lookEveryMs: number;
  /** Never rejects. */
  look(): Promise<Stamp>;
  /** Never rejects. */
  read(): Promise<Content>;
}

/**
 * Looks at something again and again, and reads it when it has changed and looks the same twice: what is half written is
 * left alone. Nothing is told of what changed while it was read; it is read once more.
 * @returns what ends the looking; nothing is told afterwards.
 */
export function watchContent<Content extends { readonly ok: boolean; readonly stamp: Stamp }>(
  watched: Watched<Content>,
  clock: Clock,
  changed: (content: Content) => Promise<void>,
): () => void {
  let known = watched.stamp;
  let last = watched.stamp;
  let isStopped = false;
  let cancel = (): void => undefined;
  const look = async (): Promise<void> => {
    const now = await watched.look();
    const isSettled = now === last;
    last = now;
    if (now === known || !isSettled) return;
    const content = await watched.read();
    if (isStopped || (content.ok && content.stamp !== now)) return;
    // Where reading failed, and looking does not show it, the next look tries again: it may pass. It is told of once.
    const isTold = !content.ok && content.stamp === known;
    known = content.stamp;
    if (!isTold) await changed(content);
  };
  const arm = (): void => {
    cancel = clock.after(watched.lookEveryMs, () => void look().finally(() => isStopped || arm()));
  };
  arm();
  return () => {
    isStopped = true;
    cancel();
  };
}

/** A list file as something to look at; `stamp`: of when it was read. */
export function watchedFile(path: string, stamp: Stamp): Watched<ListContent> {
  return {
    stamp,
    lookEveryMs: LOOK_EVERY_MS,
    look: () => lookAtFile(path),
    read: () => readListFile(path),
  };
}
