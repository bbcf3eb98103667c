// The options of all functions that a policy may import, as the compiler knows them.
import type typescript from 'typescript';
import ts from 'typescript';

/** An option and the function that takes it, or takes an object that holds it. */
export interface OptionName {
  readonly owner: string;
  readonly option: string;
}

/** Every option that the functions of a file take. */
export function findOptions(program: typescript.Program, path: string): readonly OptionName[] {
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(path);
  const module = file === undefined ? undefined : checker.getSymbolAtLocation(file);
  if (module === undefined) return [];
  return checker.getExportsOfModule(module).flatMap((exported) => {
    const symbol =
      (exported.flags & ts.SymbolFlags.Alias) === 0 ? exported : checker.getAliasedSymbol(exported);
    if ((symbol.flags & ts.SymbolFlags.Function) === 0) return [];
    const names = new Set<string>();
    for (const signature of checker.getTypeOfSymbol(symbol).getCallSignatures())
      for (const parameter of signature.parameters)
        collect(checker, checker.getTypeOfSymbol(parameter), names, new Set());
    return [...names].map((option) => ({ owner: symbol.name, option }));
  });
}

function collect(
  checker: typescript.TypeChecker,
  type: typescript.Type,
  names: Set<string>,
  seen: Set<typescript.Type>,
): void {
  if (seen.has(type)) return;
  seen.add(type);
  if (type.isUnionOrIntersection()) {
    for (const one of type.types) collect(checker, one, names, seen);
  } else if (checker.isArrayLikeType(type)) {
    for (const one of checker.getTypeArguments(type as typescript.TypeReference))
      collect(checker, one, names, seen);
  } else if (isOptions(type)) {
    for (const property of type.getProperties()) {
      names.add(property.name);
      collect(checker, checker.getTypeOfSymbol(property), names, seen);
    }
  }
}

/** Objects of Zorp's own that hold settings: no functions, and none of the values that are told by `MADE`. */
function isOptions(type: typescript.Type): boolean {
  const properties = type.getProperties();
  if ((type.flags & ts.TypeFlags.Object) === 0 || type.getCallSignatures().length > 0) return false;
  if (type.isClass() || properties.some(({ name }) => MADE.has(name))) return false;
  return properties.every(({ declarations = [] }) =>
    declarations.some((one) => one.getSourceFile().fileName.includes('/src/')),
  );
}

/** Fields of objects that the vocabulary makes, of answers of a policy, of proxies and of sessions. */
const MADE = new Set(['kind', 'action', 'create', 'sessionId']);
