// Checks the types of a policy as an editor would, for a file anywhere on the disk: `zorp` is the running Zorp.

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve, sep } from 'node:path';
import type typescript from 'typescript';
import type { LoadFault } from './load-fault.ts';
import { ZORP_INDEX } from './policy-hooks.ts';

type Compiler = typeof typescript;

/** Zorp's own rules, those of tsconfig.json: a policy is held to what it will see in an editor. */
export const STRICT_OPTIONS = {
  noEmit: true,
  skipLibCheck: true,
  erasableSyntaxOnly: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  rewriteRelativeImportExtensions: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noFallthroughCasesInSwitch: true,
  noPropertyAccessFromIndexSignature: true,
  noUncheckedSideEffectImports: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
} as const;

/** Policies as the compiler sees them, together, so that what they share is read and checked once. */
export interface CheckedTypes {
  readonly program: typescript.Program;
  /** Everything that is wrong with the types of the policies' own files. */
  readonly faults: readonly LoadFault[];
}

/** Everything that is wrong with the types of a policy's own files. The file must exist. */
export async function typeCheck(path: string): Promise<readonly LoadFault[]> {
  return (await typeCheckAll([path])).faults;
}

/** Checks the types of several policies at once. The files must exist. */
export async function typeCheckAll(paths: readonly string[]): Promise<CheckedTypes> {
  const ts = await loadCompiler();
  const options = optionsFor(ts);
  const program = ts.createProgram(
    paths.map((path) => resolve(path)),
    options,
    hostFor(ts, options),
  );
  const faults = program
    .getSourceFiles()
    .filter((file) => isOwn(file, program))
    .flatMap((file) => [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
    ])
    .map((diagnostic) => faultFrom(ts, diagnostic));
  return { program, faults };
}

/** The first fault of syntax in these files: for JavaScript, of which Node does not say the place. */
export async function findSyntaxFault(paths: readonly string[]): Promise<LoadFault | undefined> {
  const ts = await loadCompiler();
  const options = optionsFor(ts);
  const program = ts.createProgram(paths, { ...options, noResolve: true, types: [] });
  const [first] = paths.flatMap((path) =>
    program.getSyntacticDiagnostics(program.getSourceFile(path)),
  );
  if (first === undefined) return undefined;
  return { ...faultFrom(ts, first), code: 'policy.syntax', cure: 'correct the syntax' };
}

/** Takes long, so it is loaded when types are checked and not before. */
async function loadCompiler(): Promise<Compiler> {
  return (await import('typescript')).default;
}

function optionsFor(ts: Compiler): typescript.CompilerOptions {
  return {
    ...STRICT_OPTIONS,
    target: ts.ScriptTarget.ES2024,
    lib: ['lib.es2024.d.ts'],
    module: ts.ModuleKind.NodeNext,
    allowJs: true,
    resolveJsonModule: true,
    types: ['node'],
    typeRoots: [typesFolder()],
    paths: { zorp: [ZORP_INDEX] },
  };
}

/** The folder of Zorp's own @types, which a policy elsewhere on the disk could not find. */
function typesFolder(): string {
  const require = createRequire(import.meta.url);
  const found = (require.resolve.paths('x') ?? []).find((folder) =>
    existsSync(join(folder, '@types', 'node')),
  );
  return join(found ?? '', '@types');
}

/** Without a package.json nearby the compiler would take a policy for CommonJS, which it never is. */
function hostFor(ts: Compiler, options: typescript.CompilerOptions): typescript.CompilerHost {
  const host = ts.createCompilerHost(options);
  const getSourceFile = host.getSourceFile.bind(host);
  const impliedNodeFormat: typescript.ResolutionMode = ts.ModuleKind.ESNext;
  host.getSourceFile = (file, version, ...others) => {
    const isPackage = file.includes('/node_modules/');
    const wanted: typescript.CreateSourceFileOptions =
      typeof version === 'object' ? version : { languageVersion: version };
    const given = isPackage ? wanted : { ...wanted, impliedNodeFormat };
    return getSourceFile(file, given, ...others);
  };
  return host;
}

const SOURCE_FOLDER = dirname(ZORP_INDEX) + sep;

function isOwn(file: typescript.SourceFile, program: typescript.Program): boolean {
  return (
    !file.isDeclarationFile &&
    !file.fileName.startsWith(SOURCE_FOLDER) &&
    !program.isSourceFileFromExternalLibrary(file)
  );
}

function faultFrom(ts: Compiler, diagnostic: typescript.Diagnostic): LoadFault {
  const { file, start = 0, code, messageText } = diagnostic;
  const message = ts.flattenDiagnosticMessageText(messageText, ' ').replace(/\.$/, '');
  const place = file?.getLineAndCharacterOfPosition(start);
  return {
    code: `TS${code}`,
    file: file?.fileName,
    line: place === undefined ? undefined : place.line + 1,
    column: place === undefined ? undefined : place.character + 1,
    message,
    cure: '',
  };
}
