// What a SOCKS client says, for tests: one character a byte.

/** A greeting of SOCKS 5 with these methods. */
export function greeting(...methods: readonly number[]): string {
  return bytes(5, methods.length, ...methods);
}

/** User and password (RFC 1929). */
export function credentials(user: string, password: string): string {
  return `${bytes(1, user.length)}${user}${bytes(password.length)}${password}`;
}

/** A request of SOCKS 5 for a name. */
export function named(host: string, port: number, command = 1): string {
  return `${bytes(5, command, 0, 3, host.length)}${host}${portOf(port)}`;
}

/** A request of SOCKS 5 for an address of these bytes. */
export function addressed(address: readonly number[], port: number, command = 1): string {
  return `${bytes(5, command, 0, address.length === 4 ? 1 : 4, ...address)}${portOf(port)}`;
}

/** A request of SOCKS 4. */
export function socks4(address: readonly number[], port: number, user = '', command = 1): string {
  return `${bytes(4, command)}${portOf(port)}${bytes(...address)}${user}\0`;
}

/** A request of SOCKS 4a. */
export function socks4a(host: string, port: number, user = ''): string {
  return `${socks4([0, 0, 0, 1], port, user)}${host}\0`;
}

/** A reply of SOCKS 5. */
export function reply(code: number): string {
  return bytes(5, code, 0, 1, 0, 0, 0, 0, 0, 0);
}

/** A reply of SOCKS 4. */
export function reply4(code: number): string {
  return bytes(0, code, 0, 0, 0, 0, 0, 0);
}

/** These bytes as text. */
export function bytes(...values: readonly number[]): string {
  return String.fromCharCode(...values);
}

function portOf(port: number): string {
  return bytes(port >> 8, port & 0xff);
}
