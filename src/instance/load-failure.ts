// Why a policy file did not load, in a sentence with file and line: Node's errors speak to programmers of Node.

import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PolicyError } from '../policy/policy-error.ts';
import { thrownText } from '../proxy/policy-call.ts';
import { parseFrame } from '../proxy/source-location.ts';
import type { LoadFault } from './load-fault.ts';
import { fromPlacedFault } from './load-fault.ts';
import type { PolicyLoad } from './policy-hooks.ts';
import { ImportError } from './policy-hooks.ts';
import { findSyntaxFault } from './type-check.ts';

/** A place in a file; the column is not always known. */
interface Place {
  readonly file: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** Says what the error means that came of importing the file of a policy. */
export async function explainLoadFailure(
  error: unknown,
  path: string,
  load: PolicyLoad,
): Promise<readonly LoadFault[]> {
  if (error instanceof PolicyError) return error.faults.map(fromPlacedFault);
  if (error instanceof ImportError) return [importFault(error, load)];
  if (error instanceof SyntaxError && !isThrownByPolicy(error, load))
    return [await syntaxFault(error, path, load)];
  return [exceptionFault(error, path, load)];
}

function importFault(error: ImportError, load: PolicyLoad): LoadFault {
  const { specifier, importer } = error;
  const place = findImport(specifier, importer, load);
  const message = `Cannot import "${specifier}"`;
  return { code: 'policy.import', ...place, message, cure: importCure(error) };
}

function importCure({ specifier, importer, code }: ImportError): string {
  if (specifier.startsWith('zorp/')) return 'write "zorp": there is nothing else to import of Zorp';
  if (code === 'ERR_NO_BUILTIN') return 'Node has no module of this name: correct it';
  if (code === 'ERR_NO_FORMAT') return 'a policy imports .ts, .mts, .js, .mjs and .json files';
  if (!/^(\.|\/|file:)/.test(specifier))
    return `there is no such package: correct the name, or install it beside the policy (npm install ${specifier})`;
  const base = join(dirname(importer ?? ''), specifier);
  const ending = ['.ts', '.mts', '.js', '.mjs', '/index.ts'].find((one) => existsSync(base + one));
  return ending === undefined
    ? `there is no such file: correct the path (${base})`
    : `write the whole file name, "${specifier}${ending}"`;
}

/** The line that imports this, found by its text: Node's error does not say it. */
function findImport(specifier: string, importer: string | undefined, load: PolicyLoad): Place {
  for (const [file, bytes] of load.inputs) {
    if (importer !== undefined && file !== importer) continue;
    const lines = bytes.toString('utf8').split('\n');
    const index = lines.findIndex((line) => mentions(line, specifier));
    if (index !== -1) return { file, line: index + 1 };
  }
  return { file: importer };
}

function mentions(line: string, specifier: string): boolean {
  const isImport = /\b(import|export|from)\b/.test(line);
  return isImport && [`'${specifier}'`, `"${specifier}"`].some((quoted) => line.includes(quoted));
}

const STRIP_CURE =
  'Zorp removes types and translates nothing: use a const object or a union of texts for an enum, a module for a namespace, and a field for a parameter property';

async function syntaxFault(error: SyntaxError, path: string, load: PolicyLoad): Promise<LoadFault> {
  const place = syntaxPlace(error);
  const missing = /^The requested module '(.*)' does not provide an export named '(.*)'/.exec(
    error.message,
  );
  if (missing !== null) {
    const message = `"${missing[1] ?? ''}" exports nothing named "${missing[2] ?? ''}"`;
    const cure = 'correct the name; if it is a type, write "import type"';
    return { code: 'policy.import', ...(place ?? { file: path }), message, cure };
  }
  const code = 'policy.syntax';
  if ('code' in error && error.code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') {
    const message = error.message.replace(' in strip-only mode', '');
    return { code, ...(place ?? { file: path }), message, cure: STRIP_CURE };
  }
  const cure = 'correct the syntax';
  if (place !== undefined) return { code, ...place, message: firstLine(error.message), cure };
  const found = await findSyntaxFault([...load.inputs.keys()]);
  return found ?? { code, file: path, message: firstLine(error.message), cure };
}

/** Node puts the place before the message: `file:///etc/policy.ts?revision=1:2`, the lines up to it, and a caret. */
function syntaxPlace(error: SyntaxError): Place | undefined {
  const [head = '', ...lines] = (error.stack ?? '').split('\n');
  const match = /^(file:\/\/[^?]*)(?:\?[^:]*)?:(\d+)$/.exec(head);
  if (match === null) return undefined;
  const caret = lines.find((line) => /^\s*\^+\s*$/.test(line));
  const column = caret === undefined ? undefined : caret.indexOf('^') + 1;
  return { file: fileURLToPath(match[1] ?? ''), line: Number(match[2]), column };
}

/** Whether the policy's own code was running, and threw it: JSON.parse throws SyntaxErrors too. */
function isThrownByPolicy(error: Error, load: PolicyLoad): boolean {
  return syntaxPlace(error) === undefined && ownFrame(error, load) !== undefined;
}

function exceptionFault(error: unknown, path: string, load: PolicyLoad): LoadFault {
  const place = (error instanceof Error ? ownFrame(error, load) : undefined) ?? { file: path };
  const text = error instanceof Error ? `${error.name}: ${thrownText(error)}` : thrownText(error);
  const message = `${basename(place.file ?? path)} threw ${firstLine(text)}`;
  return { code: 'policy.exception', ...place, message, cure: exceptionCure(error) };
}

/** Names that are not there yet, or not at all, are what people get wrong who do not write programs every day. */
function exceptionCure(error: unknown): string {
  if (error instanceof ReferenceError) {
    const [, early] = /^Cannot access '(.*)' before initialization$/.exec(error.message) ?? [];
    if (early !== undefined) return `move the line that makes ${early} above this one`;
    const [, missing] = /^(\S+) is not defined/.exec(error.message) ?? [];
    if (missing === 'require' || missing === 'module')
      return 'write import { ... } from, and export default';
    if (missing !== undefined) return `import ${missing} or define it, or correct the name`;
  }
  return 'correct the code; it ran while the policy was loaded';
}

/** The innermost call in one of the policy's own files. */
function ownFrame(error: Error, load: PolicyLoad): Place | undefined {
  const frames = (error.stack ?? '').split('\n').map(parseFrame);
  return frames.find((frame) => frame !== undefined && load.inputs.has(frame.file));
}

function firstLine(text: string): string {
  return text.split('\n', 1).join('');
}
