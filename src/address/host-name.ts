// Which names a resolver may see. That of the system takes more for an address than it should: '0x0a090909', '012.011'
// and '10.9.2313' are numbers to getaddrinfo, and so would be ways around a policy that looks at the text.

const MAX_NAME = 253; // RFC 1035, 2.3.4: 255 octets on the wire are 253 characters of text
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i; // RFC 1123, 2.1; underscores exist (RFC 2782)
const NUMBER = /^(?:[0-9]+$|0x)/i; // RFC 1123, 2.1: no top-level domain is a number, so no name ends in one

/**
 * Whether a text is a host name: labels of 1 to 63 ASCII letters, digits, hyphens and underscores, 253 characters in
 * all, possibly a dot at the end. The last label is no number. Internationalised names come as A-labels (`xn--...`).
 */
export function isHostName(text: string): boolean {
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  if (name.length > MAX_NAME) return false;
  const labels = name.split('.');
  return labels.every((label) => LABEL.test(label)) && !NUMBER.test(labels.at(-1) ?? '');
}

/** The one way to write a host name: in lower case, without the dot at the end. */
export function canonicalHostName(name: string): string {
  return (name.endsWith('.') ? name.slice(0, -1) : name).toLowerCase();
}
