// Elements of sets and maps in words: libnftables-json(5) has them in many shapes.

type Fields = Readonly<Record<string, unknown>>;

/** How each kind of element is shown; its value is whatever nft printed. */
const SHOW: Readonly<Record<string, (value: Fields) => string>> = {
  prefix: ({ addr, len }) => `${elementText(addr)}/${elementText(len)}`,
  range: (value) => listText(value, '-'),
  concat: (value) => listText(value, ' . '),
  elem: ({ val }) => elementText(val),
  jump: ({ target }) => `jump ${elementText(target)}`,
  goto: ({ target }) => `goto ${elementText(target)}`,
};

/** One element as nft's text shows it: `10.0.0.0/8`, `80-90`, `tcp . 80`, `192.0.2.1 : accept`. */
export function elementText(element: unknown): string {
  if (typeof element !== 'object' || element === null) return String(element);
  if (Array.isArray(element)) return listText(element, ' : ');
  const [kind = '', value] = Object.entries(element)[0] ?? [];
  if (value === null) return kind;
  const show = typeof value === 'object' ? SHOW[kind] : undefined;
  return show?.(value as Fields) ?? JSON.stringify(element); // fields are shown, whatever they are
}

function listText(value: unknown, separator: string): string {
  return Array.isArray(value) ? value.map(elementText).join(separator) : elementText(value);
}
