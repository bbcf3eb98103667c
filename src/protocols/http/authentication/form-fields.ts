// The fields of a form that was sent as application/x-www-form-urlencoded, read strictly: it comes from our own page, so
// whatever is in doubt was not made by it.

import { Buffer } from 'node:buffer';

// Those of the login page, and some that a browser's extension may add.
const MAX_FIELDS = 16;

/** Whether a Content-Type is that of such a form, in UTF-8 or ASCII. */
export function isFormType(value: string): boolean {
  return /^application\/x-www-form-urlencoded(?:[ \t]*;[ \t]*charset="?(?:utf-8|us-ascii)"?)?$/i.test(
    value,
  );
}

/** The fields of a form; undefined if it is none, or names one twice. */
export function readForm(text: string): ReadonlyMap<string, string> | undefined {
  const fields = new Map<string, string>();
  const pairs = text.split('&');
  if (pairs.length > MAX_FIELDS) return undefined;
  for (const pair of pairs) {
    const mark = pair.indexOf('=');
    const name = formText(pair.slice(0, mark === -1 ? undefined : mark));
    const value = formText(mark === -1 ? '' : pair.slice(mark + 1));
    if (name === undefined || value === undefined || fields.has(name)) return undefined;
    fields.set(name, value);
  }
  return fields;
}

/** A text without its escapes; undefined where one is broken, or is no UTF-8. */
export function formText(text: string): string | undefined {
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return undefined;
  const bytes = Buffer.from(text.replaceAll('+', ' '), 'latin1')
    .toString('latin1')
    .replace(/%([0-9A-Fa-f]{2})/g, (_escape, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    );
  const decoded = Buffer.from(bytes, 'latin1').toString('utf8');
  return Buffer.from(decoded, 'utf8').toString('latin1') === bytes ? decoded : undefined;
}
