// Where in a policy file something was made: every object of a policy knows the line that made it.

/** A place in a file: an absolute path, a line and a column, both from 1. */
export interface SourceLocation {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

const locations = new WeakMap<object, SourceLocation>();

/** Remembers the line that called `factory`, a function of the policy vocabulary, as the place where `object` was made. */
export function rememberSource(object: object, factory: (...parameters: never[]) => unknown): void {
  const location = callerOf(factory);
  if (location !== undefined) locations.set(object, location);
}

/** Gives an object the place of another one that it was made of. */
export function shareSource(object: object, other: object): void {
  const location = locations.get(other);
  if (location !== undefined) locations.set(object, location);
}

/** The place where an object of a policy was made; undefined for anything that no policy function made. */
export function sourceOf(object: object): SourceLocation | undefined {
  return locations.get(object);
}

/** `file:line`, as compilers write it, or a text that says that the place is not known. */
export function showSource(location: SourceLocation | undefined): string {
  return location === undefined ? 'unknown place' : `${location.file}:${String(location.line)}`;
}

function callerOf(factory: (...parameters: never[]) => unknown): SourceLocation | undefined {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 1;
  const holder: { stack?: string } = {};
  Error.captureStackTrace(holder, factory);
  Error.stackTraceLimit = limit;
  return parseFrame(holder.stack?.split('\n').at(-1) ?? '');
}

/** Reads one frame of V8's stack text, such as `    at main (file:///etc/zorp/policy.ts?revision=2:12:7)`. */
export function parseFrame(frame: string): SourceLocation | undefined {
  const match = /(?:\(|at )((?:file:\/\/)?\/[^()]*?)(?:\?[^:()]*)?:(\d+):(\d+)\)?$/.exec(frame);
  if (match === null) return undefined;
  const [, file = '', line, column] = match;
  const path = file.startsWith('file://') ? decodeURIComponent(file.slice('file://'.length)) : file;
  return { file: path, line: Number(line), column: Number(column) };
}
