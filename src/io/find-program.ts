// Where the file of a program is, and whether it can be run.

import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { errorCode } from './error-code.ts';

/** The path of a program, or why there is none: a code such as 'ENOENT' or 'EACCES'. */
export type FoundProgram =
  { readonly ok: true; readonly path: string } | { readonly ok: false; readonly error: string };

/** Finds the file of a program: an absolute path, or a name that is looked up in a search path. Never rejects. */
export async function findProgram(file: string, searchPath: string): Promise<FoundProgram> {
  if (file.startsWith('/')) return check(file);
  // An empty or relative directory in a search path is the working directory, where anybody may have put a file.
  const directories = searchPath.split(':').filter((directory) => directory.startsWith('/'));
  let worst: FoundProgram = { ok: false, error: 'ENOENT' };
  for (const directory of directories) {
    const found = await check(`${directory}/${file}`);
    if (found.ok) return found;
    if (found.error !== 'ENOENT') worst = found;
  }
  return worst;
}

async function check(path: string): Promise<FoundProgram> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile() ? { ok: true, path } : { ok: false, error: 'EISDIR' };
  } catch (error) {
    return { ok: false, error: errorCode(error) };
  }
}
