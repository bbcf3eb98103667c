// The rules of the source tree as a pure function from its files to what is wrong with them.
import { posix } from 'node:path';
import type ts from 'typescript';
import { hasValues, importsOf, parseSource, resolveImport } from './imports.ts';

/** One broken rule, in words that name the file, the import if there is one, and the rule. */
export interface Violation {
  readonly file: string;
  readonly imported?: string;
  readonly rule: string;
}

interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly ast: ts.SourceFile;
  readonly imports: readonly string[];
}

type Files = ReadonlyMap<string, SourceFile>;

/** Who may import whom, by folder of src; a folder may always import from itself. */
export const ARROWS: Readonly<Record<string, readonly string[]>> = {
  address: [],
  proxy: ['address'],
  protocols: ['proxy', 'address'],
  policy: ['address', 'proxy'],
  log: ['address', 'proxy', 'policy'],
  session: ['policy', 'proxy', 'address', 'log'],
  keybridge: ['address'],
  io: ['session', 'address', 'keybridge', 'log'],
  'packet-filter': ['policy', 'address'],
  instance: [
    ...['address', 'proxy', 'protocols', 'policy', 'session'],
    ...['io', 'keybridge', 'packet-filter', 'log'],
  ],
  cli: ['instance', 'packet-filter', 'policy', 'log', 'address'],
  'index.ts': ['address', 'proxy', 'protocols', 'policy'],
};

const PURE_FOLDERS = ['address', 'proxy', 'protocols', 'policy'];
const PURE_MODULES = ['node:buffer', 'zod', 're2js'];
const MAX_LINES = 400;
const EMPTY_WORDS = /(^|[/.-])(utils?|helpers?|common|managers?)(?=[/.-])/;

/** Every rule that a tree breaks; the keys are paths from the root with forward slashes. */
export function findViolations(texts: ReadonlyMap<string, string>): Violation[] {
  const files = new Map([...texts].map(([path, text]) => [path, parseFile(path, text)]));
  const each = [...files.values()].flatMap((file) => [
    ...findArrowViolations(file),
    ...findImpurities(file),
    ...findMissingTest(file, files),
    ...findSizeViolations(file),
    ...findEmptyName(file),
  ]);
  return [...each, ...findCycles(files)];
}

/** A violation as one line. */
export function formatViolation({ file, imported, rule }: Violation): string {
  return imported === undefined ? `${file}: ${rule}` : `${file} imports "${imported}": ${rule}`;
}

function parseFile(path: string, text: string): SourceFile {
  const ast = parseSource(path, text);
  return { path, text, ast, imports: importsOf(ast) };
}

/** The part of src that a path belongs to, such as `policy` or `index.ts`; undefined outside src. */
function folderOf(path: string): string | undefined {
  const [top, folder] = path.split('/');
  return top === 'src' ? folder : undefined;
}

function isTest(path: string): boolean {
  return path.endsWith('.test.ts');
}

function findArrowViolations({ path, imports }: SourceFile): Violation[] {
  const folder = folderOf(path);
  if (folder === undefined || isTest(path)) return [];
  const allowed = ARROWS[folder];
  if (allowed === undefined) {
    return [{ file: path, rule: `src/${folder} has no arrows: add it to the architecture` }];
  }
  return imports.flatMap((imported) => {
    const rule = whyForbidden(path, imported, [folder, ...allowed]);
    return rule === undefined ? [] : [{ file: path, imported, rule }];
  });
}

function whyForbidden(file: string, imported: string, allowed: string[]): string | undefined {
  if (/^zorp(\/|$)/.test(imported)) return 'only policies import from "zorp", src does not';
  const target = resolveImport(file, imported);
  if (target === undefined) return undefined;
  if (isTest(target)) return 'a source file may not import a test';
  const folder = folderOf(target);
  if (folder === undefined) return 'src may not import from outside src';
  if (allowed.includes(folder)) return undefined;
  return `src/${folderOf(file) ?? ''} may import only from ${allowed.join(', ')}`;
}

function findImpurities({ path, imports }: SourceFile): Violation[] {
  const folder = folderOf(path);
  if (folder === undefined || !PURE_FOLDERS.includes(folder) || isTest(path)) return [];
  const rule = `src/${folder} is pure: of modules it may import only ${PURE_MODULES.join(', ')}`;
  return imports
    .filter((imported) => !imported.startsWith('.') && !isPureModule(imported))
    .map((imported) => ({ file: path, imported, rule }));
}

function isPureModule(imported: string): boolean {
  return PURE_MODULES.some((name) => imported === name || imported.startsWith(`${name}/`));
}

function findMissingTest({ path, ast }: SourceFile, files: Files): Violation[] {
  const needsTest =
    path.startsWith('src/') && path !== 'src/index.ts' && !isTest(path) && hasValues(ast);
  const test = path.replace(/\.ts$/, '.test.ts');
  if (!needsTest || files.has(test)) return [];
  return [{ file: path, rule: `a source file has its test beside it: write ${test}` }];
}

function findSizeViolations({ path, text }: SourceFile): Violation[] {
  const lines = text.trimEnd().split('\n').length;
  if (lines <= MAX_LINES) return [];
  return [{ file: path, rule: `a file has at most ${MAX_LINES} lines, this one has ${lines}` }];
}

function findEmptyName({ path }: SourceFile): Violation[] {
  const word = EMPTY_WORDS.exec(path)?.[2];
  if (word === undefined) return [];
  return [{ file: path, rule: `a file is named after what it holds, and "${word}" says nothing` }];
}

/** Import cycles between files, each reported once, at the file where the walk entered it. */
function findCycles(files: Files): Violation[] {
  const found: Violation[] = [];
  const finished = new Set<string>();
  const walk = (path: string, trail: readonly string[]): void => {
    const seenAt = trail.indexOf(path);
    if (seenAt >= 0) {
      const cycle = [...trail.slice(seenAt), path];
      const imported = `./${posix.relative(posix.dirname(path), cycle[1] ?? path)}`;
      const rule = `no import cycles, but ${cycle.join(' -> ')}`;
      found.push({ file: path, imported, rule });
      return;
    }
    if (finished.has(path)) return;
    for (const imported of files.get(path)?.imports ?? []) {
      const target = resolveImport(path, imported);
      if (target !== undefined && files.has(target)) walk(target, [...trail, path]);
    }
    finished.add(path);
  };
  for (const path of files.keys()) walk(path, []);
  return found;
}
