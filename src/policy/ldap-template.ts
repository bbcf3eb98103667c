// Names that clients type, as parts of LDAP filters and of the names of entries: escaped, so that a name can never say
// more than a name (LDAP injection).

/** What may stand in a template. */
export interface LdapNames {
  /** The name that was typed. */
  readonly user: string;
  /** The entry of the user; only in filters. */
  readonly dn?: string;
}

/** A filter of RFC 4515 with the names in the places of `{user}` and `{dn}`. */
export function fillFilter(template: string, { user, dn = '' }: LdapNames): string {
  return template.replace(/\{(user|dn)\}/g, (_place, name) =>
    escapeFilterValue(name === 'user' ? user : dn),
  );
}

/** The name of an entry (RFC 4514) with the user in the place of `{user}`. */
export function fillDn(template: string, user: string): string {
  return template.replaceAll('{user}', () => escapeDnValue(user));
}

/** A value in a filter: all that is not a letter, a digit or harmless is written as its bytes (RFC 4515, 3). */
export function escapeFilterValue(value: string): string {
  return value.replace(/[^A-Za-z0-9 ,=.@_+-]/gu, bytesIn);
}

/** A value in the name of an entry, the same way (RFC 4514, 2.4). */
export function escapeDnValue(value: string): string {
  return value.replace(/[^A-Za-z0-9.@_-]/gu, bytesIn);
}

const encoder = new TextEncoder();

function bytesIn(character: string): string {
  return Array.from(
    encoder.encode(character),
    (byte) => `\\${byte.toString(16).padStart(2, '0')}`,
  ).join('');
}
