// Module hooks of Node that make a policy file load fresh each time, with every local file that it imports, and that
// give it the running Zorp for `zorp` wherever on the disk it lies.

import { readFileSync } from 'node:fs';
import type { LoadHookSync, ResolveHookSync } from 'node:module';
import { isBuiltin, registerHooks } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const SOURCE_FOLDER = new URL('../', import.meta.url).href;

/** What a policy gets when it imports `zorp`. */
export const ZORP_INDEX = fileURLToPath(new URL('../index.ts', import.meta.url));

/** Thrown for an import that cannot be, with the importing file and the name in it. */
export class ImportError extends Error {
  readonly specifier: string;
  readonly importer: string | undefined;
  readonly code: string;

  constructor(specifier: string, importerUrl: string | undefined, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.specifier = specifier;
    this.importer = importerUrl === undefined ? undefined : fileURLToPath(importerUrl);
    this.code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  }
}

/** One loading of a policy: the policy's own files by path, with the very bytes that were run. */
export interface PolicyLoad {
  readonly url: string;
  readonly inputs: Map<string, Buffer>;
}

const QUERY = 'revision';
const loads = new Map<string, PolicyLoad>();

/** Begins a loading; importing its `url` then runs the file anew. */
export function beginLoad(path: string): PolicyLoad {
  if (loads.size === 0) registerHooks({ resolve, load });
  const url = pathToFileURL(path);
  const number = String(loads.size + 1);
  url.searchParams.set(QUERY, number);
  const begun: PolicyLoad = { url: url.href, inputs: new Map() };
  loads.set(number, begun);
  return begun;
}

function loadOf(url: string | undefined): readonly [string, PolicyLoad] | undefined {
  if (url?.startsWith('file:') !== true) return undefined;
  const number = new URL(url).searchParams.get(QUERY) ?? '';
  const found = loads.get(number);
  return found === undefined ? undefined : [number, found];
}

/** What a file of the policy imports belongs to the same loading, if it is a local file and not Zorp's own. */
const resolve: ResolveHookSync = (specifier, context, next) => {
  const [number] = loadOf(context.parentURL) ?? loadOf(specifier) ?? [];
  if (number === undefined) return next(specifier, context);
  if (specifier === 'zorp') return { url: pathToFileURL(ZORP_INDEX).href, shortCircuit: true };
  try {
    const resolved = next(specifier, context);
    if (resolved.url.startsWith('node:') && !isBuiltin(resolved.url)) throw NO_BUILTIN;
    if (!isOwn(resolved.url)) return resolved;
    const url = new URL(resolved.url);
    if (!(extname(url.pathname) in FORMATS)) throw NO_FORMAT;
    url.searchParams.set(QUERY, number);
    return { ...resolved, url: url.href };
  } catch (error) {
    throw new ImportError(specifier, context.parentURL, error);
  }
};

function isOwn(url: string): boolean {
  return (
    url.startsWith('file:') && !url.includes('/node_modules/') && !url.startsWith(SOURCE_FOLDER)
  );
}

/** By ending, and not by the nearest package.json: a policy in /etc has none, and is a module all the same. */
const FORMATS: Readonly<Record<string, 'module-typescript' | 'module' | 'json'>> = {
  '.ts': 'module-typescript',
  '.mts': 'module-typescript',
  '.js': 'module',
  '.mjs': 'module',
  '.json': 'json',
};

/** Reads a file of the policy once, for running it and for its part in the revision. */
const load: LoadHookSync = (url, context, next) => {
  const [, begun] = loadOf(url) ?? [];
  if (begun === undefined) return next(url, context);
  const path = fileURLToPath(url);
  const source = readFileSync(path);
  begun.inputs.set(path, source);
  return { format: FORMATS[extname(path)], source, shortCircuit: true };
};

const NO_BUILTIN = Object.assign(new Error('Node has no such module'), { code: 'ERR_NO_BUILTIN' });
const NO_FORMAT = Object.assign(new Error('it is no module'), { code: 'ERR_NO_FORMAT' });
