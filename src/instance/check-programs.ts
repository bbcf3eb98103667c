// The programs of a policy, looked for when it is loaded: one that is not there would fail at its first session.

import { findProgram } from '../io/find-program.ts';
import type { Policy } from '../policy/policy.ts';
import type { Program } from '../proxy/program.ts';
import { sourceOf } from '../proxy/source-location.ts';
import { PROGRAM_PATH } from '../session/program-environment.ts';
import type { LoadFault } from './load-fault.ts';
import { PolicyLoadError } from './load-fault.ts';

/** Looks for the files of all programs. @throws PolicyLoadError naming each that cannot be run. */
export async function checkPrograms({ programs }: Policy): Promise<void> {
  const faults = await Promise.all(programs.map(faultOf));
  const found = faults.filter((fault) => fault !== undefined);
  if (found.length > 0) throw new PolicyLoadError(found);
}

async function faultOf(program: Program): Promise<LoadFault | undefined> {
  const [file] = program.command;
  const searchPath = searchPathOf(program);
  if (searchPath === undefined && !file.startsWith('/')) return undefined;
  const found = await findProgram(file, searchPath ?? '');
  if (found.ok) return undefined;
  const location = sourceOf(program);
  return {
    code: 'policy.program',
    file: location?.file,
    line: location?.line,
    column: location?.column,
    message: `program "${program.name}" cannot be run: ${JSON.stringify(file)} (${found.error})`,
    cure: 'install it, make it executable, or correct its path',
  };
}

/** Undefined where a function of the policy says it for each session. */
function searchPathOf({ environment }: Program): string | undefined {
  if (typeof environment === 'function') return undefined;
  return environment['PATH'] ?? PROGRAM_PATH;
}
