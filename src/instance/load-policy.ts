// Loads a policy file: the program that an administrator wrote becomes one checked value, or one clear list of faults.

import { createHash } from 'node:crypto';
import { access, constants, realpath, stat } from 'node:fs/promises';
import { dirname, extname, relative, resolve, sep } from 'node:path';
import { isPolicy } from '../policy/define-policy.ts';
import { takeMatchers } from '../policy/matcher.ts';
import type { Policy } from '../policy/policy.ts';
import { takePolicy } from '../policy/policy-export.ts';
import { beginLiveInputs, endLiveInputs } from '../proxy/live-input.ts';
import type { Matcher } from '../proxy/matcher.ts';
import { sourceOf } from '../proxy/source-location.ts';
import { checkCacheFolders } from './check-cache-folders.ts';
import { checkPrograms } from './check-programs.ts';
import type { ListFile } from './list-files.ts';
import { checkCertificates } from './check-certificates.ts';
import { readListFiles } from './list-files.ts';
import type { LoadFault } from './load-fault.ts';
import { PolicyLoadError } from './load-fault.ts';
import { explainLoadFailure } from './load-failure.ts';
import type { PolicyLoad } from './policy-hooks.ts';
import { beginLoad } from './policy-hooks.ts';

/** A policy, and where it came from. */
export interface LoadedPolicy {
  readonly policy: Policy;
  /** Twelve hexadecimal digits that stand for the text of the policy's own files. */
  readonly revision: string;
  /** The absolute path of the policy file. */
  readonly file: string;
  /** All of the policy's own files, the file itself first. */
  readonly inputs: readonly string[];
  /** The list files that its matchers were read from. */
  readonly lists: readonly ListFile[];
}

/** Options of `loadPolicy`. */
export interface LoadOptions {
  readonly timeoutMs?: number;
}

/** A policy may await something at top level, such as a list to download; what hangs must not hang Zorp. */
const LOAD_TIMEOUT_MS = 15_000;

const ENDINGS = ['.ts', '.mts', '.js', '.mjs'];
const REVISION_DIGITS = 12; // 48 bits: two policies of one site never share it

/**
 * Runs a policy file, with all local files that it imports, anew at every call.
 * @throws PolicyLoadError saying everything that is wrong, each with its place and cure.
 */
export async function loadPolicy(path: string, options: LoadOptions = {}): Promise<LoadedPolicy> {
  const given = resolve(path);
  await checkFile(given);
  // Without symbolic links: Node imports the real file, and names in the revision are relative to its folder.
  const file = await realpath(given);
  const load = beginLoad(file);
  takeMatchers(); // what was made outside of any policy
  beginLiveInputs();
  let late: readonly Matcher[] = [];
  const timeoutMs = options.timeoutMs ?? LOAD_TIMEOUT_MS;
  const module = await importWithin(load, file, timeoutMs).finally(() => {
    // What a file made that does not load is none of the next one's.
    late = takeMatchers();
    endLiveInputs();
  });
  const exported = module['default'];
  if (!isPolicy(exported)) throw new PolicyLoadError([noPolicy(file, module)]);
  const policy = takePolicy(exported);
  if (late.length > 0) throw new PolicyLoadError(late.map(madeLate));
  const lists = await readListFiles(policy, file);
  checkCertificates(policy, Date.now());
  await checkCacheFolders(policy);
  await checkPrograms(policy);
  const inputs = [...load.inputs.keys()];
  return { policy, revision: revisionOf(file, load), file, inputs, lists };
}

async function checkFile(file: string): Promise<void> {
  const refuse = (code: string, message: string, cure: string): never => {
    throw new PolicyLoadError([{ code: `policy.${code}`, file, message, cure }]);
  };
  try {
    const status = await stat(file);
    if (status.isDirectory())
      refuse('folder', 'this is a folder', 'give the path of a policy file in it');
    await access(file, constants.R_OK);
  } catch (error) {
    if (error instanceof PolicyLoadError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    if (code === 'ENOENT' || code === 'ENOTDIR')
      refuse('missing', 'there is no such file', 'correct the path');
    refuse('unreadable', `cannot be read (${code})`, 'give this user the right to read it');
  }
  if (!ENDINGS.includes(extname(file)))
    refuse('ending', 'this is no policy file', `its name ends with ${ENDINGS.join(', ')}`);
}

async function importWithin(
  load: PolicyLoad,
  file: string,
  timeoutMs: number,
): Promise<Readonly<Record<string, unknown>>> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new PolicyLoadError([hangs(file, timeoutMs)])), timeoutMs);
  });
  try {
    const imported = import(load.url) as Promise<Readonly<Record<string, unknown>>>;
    return await Promise.race([imported, timeout]);
  } catch (error) {
    if (error instanceof PolicyLoadError) throw error;
    throw new PolicyLoadError(await explainLoadFailure(error, file, load), { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

function hangs(file: string, timeoutMs: number): LoadFault {
  const message = `loading it did not end within ${timeoutMs / 1000} s`;
  return { code: 'policy.timeout', file, message, cure: 'do not await at top level what may hang' };
}

/** definePolicy has not checked it, and its list would not be read. */
function madeLate(matcher: Matcher): LoadFault {
  const { file, line, column } = sourceOf(matcher) ?? {};
  const message = 'a matcher is made after definePolicy() was called';
  return { code: 'policy.late', file, line, column, message, cure: 'make it before' };
}

function noPolicy(file: string, module: Readonly<Record<string, unknown>>): LoadFault {
  const code = 'policy.no-policy';
  const named = Object.keys(module).find((name) => name !== 'default' && isPolicy(module[name]));
  if ('default' in module) {
    const message = 'its default export is not a policy';
    return { code, file, message, cure: 'write "export default definePolicy({ ... })"' };
  }
  const cure =
    named === undefined
      ? 'write "export default definePolicy({ ... })"'
      : `write "export default ${named}" at its end`;
  return { code, file, message: 'it has no default export', cure };
}

/** Hashes names relative to the policy's folder, so that the same policy elsewhere has the same revision. */
function revisionOf(file: string, load: PolicyLoad): string {
  const folder = dirname(file);
  const named = [...load.inputs].map(([path, bytes]): [string, Buffer] => [
    relative(folder, path).replaceAll(sep, '/'),
    bytes,
  ]);
  const hash = createHash('sha256');
  for (const [name, bytes] of named.sort(([one], [other]) => (one < other ? -1 : 1))) {
    // Names and lengths first, so that no text can move from one file to another unnoticed.
    hash.update(`${Buffer.byteLength(name)}:${name}:${bytes.length}:`);
    hash.update(bytes);
  }
  return hash.digest('hex').slice(0, REVISION_DIGITS);
}
