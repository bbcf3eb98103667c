// The folders where a policy keeps made certificates, looked at when it is loaded: nobody else may put anything there, or
// read which servers were visited.

import type { Stats } from 'node:fs';
import { access, constants, stat } from 'node:fs/promises';
import { errorCode } from '../io/error-code.ts';
import type { DynamicCertificate } from '../policy/certificate-source.ts';
import { dynamicSource } from '../policy/encryption.ts';
import type { Policy } from '../policy/policy.ts';
import { showValue } from '../proxy/policy-fault.ts';
import { sourceOf } from '../proxy/source-location.ts';
import type { LoadFault } from './load-fault.ts';
import { PolicyLoadError } from './load-fault.ts';

/** Looks at all of them. @throws PolicyLoadError saying what is wrong with each. */
export async function checkCacheFolders({ services }: Policy, user = processUser()): Promise<void> {
  const sources = new Set(
    services.map((service) =>
      service.kind === 'service' && service.encryption !== undefined
        ? dynamicSource(service.encryption)
        : undefined,
    ),
  );
  const faults: LoadFault[] = [];
  for (const source of sources) {
    const path = source?.cacheDirectory;
    if (source === undefined || path === undefined) continue;
    const problem = await problemOf(path, user);
    if (problem !== undefined) faults.push(faultAt(source, path, problem));
  }
  if (faults.length > 0) throw new PolicyLoadError(faults);
}

interface Problem {
  readonly message: string;
  readonly cure: string;
}

const MODE = 0o700;

async function problemOf(path: string, user: number): Promise<Problem | undefined> {
  try {
    const status = await stat(path);
    const problem = kindOf(status, path) ?? ownerOf(status, path, user);
    if (problem === undefined) await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return problem;
  } catch (error) {
    const code = errorCode(error);
    const cure = `make it, for the user that Zorp runs as: install -d -m 0700 -o <user> ${path}`;
    if (code === 'ENOENT') return { message: 'is not there', cure };
    return {
      message: `cannot be used (${code})`,
      cure: 'let the user that Zorp runs as write to it',
    };
  }
}

function kindOf(status: Stats, path: string): Problem | undefined {
  if (!status.isDirectory())
    return { message: 'is no folder', cure: 'give a folder for the certificates alone' };
  const mode = status.mode & 0o777;
  if (mode === MODE) return undefined;
  const message = `has mode ${mode.toString(8).padStart(4, '0')}`;
  return { message, cure: `let only its owner enter it: chmod 0700 ${path}` };
}

/** Root may write anywhere, and asks in place of another user who will run it. */
function ownerOf({ uid }: Stats, path: string, user: number): Problem | undefined {
  if (user === 0 || uid === user) return undefined;
  const message = `belongs to the user ${uid}, and Zorp runs as ${user}`;
  return { message, cure: `give it to that user: chown ${user} ${path}` };
}

function processUser(): number {
  return process.geteuid?.() ?? 0;
}

function faultAt(source: DynamicCertificate, path: string, { message, cure }: Problem): LoadFault {
  const { file, line, column } = sourceOf(source) ?? {};
  const what = `cacheDirectory ${showValue(path)}`;
  return {
    code: 'policy.cache-directory',
    file,
    line,
    column,
    message: `${what} ${message}`,
    cure,
  };
}
