// The network interfaces that a ruleset names.

interface NamedSet {
  readonly name: string;
  readonly names: readonly string[];
}

const KEYS = ['iifname', 'oifname'];

/** All of them, sorted; names with a wildcard stand for any number of interfaces, also none. */
export function usedInterfaces(commands: readonly object[]): readonly string[] {
  const sets = commands.flatMap(setOf);
  const found = new Set<string>();
  for (const right of commands.flatMap((command) => rightSides(command))) {
    const named = sets.find(({ name }) => right === `@${name}`);
    for (const name of named?.names ?? texts(right)) found.add(name);
  }
  return [...found].filter((name) => !name.startsWith('@') && !name.endsWith('*')).sort();
}

/** A set whose elements are interfaces. */
function setOf(command: object): readonly NamedSet[] {
  const set = at(command, 'add', 'set');
  if (at(set, 'type') !== 'ifname') return [];
  return [{ name: String(at(set, 'name')), names: texts(at(set, 'elem')) }];
}

/** What the matches on an interface compare with. */
function rightSides(value: unknown): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  const key = at(value, 'match', 'left', 'meta', 'key');
  const own = typeof key === 'string' && KEYS.includes(key) ? [at(value, 'match', 'right')] : [];
  return [...own, ...Object.values(value).flatMap((inner) => rightSides(inner))];
}

/** A text, or those of a list or an anonymous set. */
function texts(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  const list = Array.isArray(value) ? (value as readonly unknown[]) : at(value, 'set');
  if (typeof list === 'string') return [list];
  return Array.isArray(list) ? list.filter((one) => typeof one === 'string') : [];
}

/** A field of a field; undefined where there is none. */
function at(value: unknown, ...keys: readonly string[]): unknown {
  let found = value;
  for (const key of keys) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = Object.getOwnPropertyDescriptor(found, key)?.value;
  }
  return found;
}
