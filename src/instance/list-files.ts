// The list files of a policy: read before it is used, and again whenever they change while it runs.

import { dirname, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Stamp, Watched } from '../io/list-file.ts';
import { watchContent, watchedFile } from '../io/list-file.ts';
import type { FolderContent } from '../io/list-folder.ts';
import { ListFolder } from '../io/list-folder.ts';
import type { Log } from '../log/log.ts';
import type { LiveFault, LiveFile } from '../proxy/live-input.ts';
import { showValue } from '../proxy/policy-fault.ts';
import { sourceOf } from '../proxy/source-location.ts';
import type { Policy } from '../policy/policy.ts';
import { NO_ENTRIES_CURE } from '../policy/warnings-files.ts';
import type { Clock } from '../session/outside.ts';
import type { LoadFault } from './load-fault.ts';
import { PolicyLoadError, showLoadFault } from './load-fault.ts';

/** A list file that was read. */
export interface ListFile {
  readonly input: LiveFile;
  /** Absolute. */
  readonly path: string;
  readonly stamp: Stamp;
}

/**
 * Reads all list files of a policy. Relative paths begin at the folder of the file that names them.
 * @throws PolicyLoadError saying everything that is wrong with any of them.
 */
export async function readListFiles(
  policy: Policy,
  policyFile: string,
): Promise<readonly ListFile[]> {
  const lists: ListFile[] = [];
  const faults: LoadFault[] = [];
  for (const input of policy.liveInputs) {
    if (input.kind !== 'live-file') continue;
    const path = resolve(dirname(sourceOf(input)?.file ?? policyFile), input.path);
    const content = await watchedInput(input, path, '').read();
    faults.push(...(await take(input, path, content)));
    lists.push({ input, path, stamp: content.stamp });
  }
  if (faults.length > 0) throw new PolicyLoadError(faults);
  return lists;
}

/** An input as something to look at, a folder where it may be one; `stamp`: of when it was read. */
function watchedInput({ folder }: LiveFile, path: string, stamp: Stamp): Watched<FolderContent> {
  if (folder === undefined) return watchedFile(path, stamp);
  return new ListFolder(path, folder.names).watched(stamp);
}

/** How long a part of a long list may take before others get their turn, in milliseconds. */
const SLICE_MS = 10;

/** Gives a content to its matcher, unless it has a fault. */
async function take(
  input: LiveFile,
  path: string,
  content: FolderContent,
): Promise<readonly LoadFault[]> {
  if (!content.ok) {
    if (content.isMissing !== true || input.missing === undefined)
      return [unreadable(input, path, content)];
    input.missing();
    return [];
  }
  const reading = readingOf(input, content);
  let sliceEnd = performance.now() + SLICE_MS;
  for (;;) {
    const step = reading.next();
    if (step.done === true) return step.value.map((fault) => faultyLine(path, fault));
    if (performance.now() < sliceEnd) continue;
    await setImmediate();
    sliceEnd = performance.now() + SLICE_MS;
  }
}

function readingOf(
  input: LiveFile,
  content: Extract<FolderContent, { ok: true }>,
): ReturnType<LiveFile['read']> {
  if ('text' in content) return input.read(content.text);
  if (input.folder === undefined) throw new Error('a folder was read where none may be');
  return input.folder.read(content.files);
}

/** Told at the line of the policy that names the file. */
function unreadable(
  input: LiveFile,
  path: string,
  {
    problem,
    cure,
    path: blamed = path,
  }: Extract<FolderContent, { ok: false }> & { readonly path?: string },
): LoadFault {
  const { file, line, column } = sourceOf(input) ?? {};
  const message = `${input.noun ?? 'list'} ${showValue(blamed)} ${problem}`;
  return { code: 'policy.list-unreadable', file, line, column, message, cure };
}

/** Told at the line of the list. */
function faultyLine(file: string, { line, value, cure }: LiveFault): LoadFault {
  return { code: 'policy.list-faulty', file, line, message: value, cure };
}

/**
 * Reads the lists anew when they change, and says so in the log, and which have no entries. A list with a fault is left as it
 * was. Two policies never share a list, so that sessions of an old one keep what it last had.
 * @returns what ends it.
 */
export function watchListFiles(lists: readonly ListFile[], clock: Clock, log: Log): () => void {
  for (const { input, path } of lists) tellEmpty(input, path, log);
  const stops = lists.map(({ input, path, stamp }) =>
    watchContent(watchedInput(input, path, stamp), clock, async (content) => {
      const faults = await take(input, path, content);
      tell({ noun: input.noun, path, isThere: content.ok }, faults, log);
      if (faults.length === 0) tellEmpty(input, path, log);
    }),
  );
  return () => {
    for (const stop of stops) stop();
  };
}

interface ReadFile {
  readonly noun: string | undefined;
  readonly path: string;
  /** Some files need not be there. */
  readonly isThere: boolean;
}

function tellEmpty({ isEmpty }: LiveFile, path: string, log: Log): void {
  if (isEmpty?.() !== true) return;
  const message = `The list ${path} has no entries and matches nothing: ${NO_ENTRIES_CURE}`;
  log.line('error', 'policy.list-empty', message, { file: path });
}

function tell(
  { noun = 'list', path, isThere }: ReadFile,
  faults: readonly LoadFault[],
  log: Log,
): void {
  if (faults.length === 0) {
    const news = isThere ? 'has changed and is used' : 'is gone and is not used any more';
    log.line('info', 'policy.list-read', `The ${noun} ${path} ${news}`, { file: path });
  }
  for (const fault of faults) {
    const message = `A file has changed and is refused, what was read before stays: ${showLoadFault(fault)}`;
    // What cannot be read is told at the line of the policy that names it: that is in the message.
    const line = fault.file === path ? fault.line : undefined;
    log.line('error', fault.code, message, { file: path, line });
  }
}
