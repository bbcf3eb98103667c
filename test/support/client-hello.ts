// ClientHellos for tests: made byte by byte, and said by the TLS of Node (OpenSSL).
import { Duplex } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';
import { connect } from 'node:tls';

/** What a made hello has. */
export interface HelloParts {
  readonly version?: number;
  readonly session?: Uint8Array;
  readonly cipherSuites?: readonly number[];
  /** Type and contents, in this order; undefined: no list of extensions at all. */
  readonly extensions?: readonly (readonly [type: number, contents: Buffer])[] | undefined;
}

/** The body of a ClientHello. */
export function helloBody(parts: HelloParts = {}): Buffer {
  const { version = 0x0303, session = Buffer.alloc(0), cipherSuites = [0x1301] } = parts;
  const extensions = 'extensions' in parts ? parts.extensions : [];
  return Buffer.concat([
    number(version, 2),
    Buffer.alloc(32, 7),
    vector(1, session),
    vector(2, Buffer.concat(cipherSuites.map((one) => number(one, 2)))),
    vector(1, Buffer.alloc(1)),
    ...(extensions === undefined
      ? []
      : [
          vector(
            2,
            Buffer.concat(
              extensions.flatMap(([type, contents]) => [number(type, 2), vector(2, contents)]),
            ),
          ),
        ]),
  ]);
}

/** A handshake message with its head; type 1 is a ClientHello. */
export function message(body: Uint8Array, type = 1): Buffer {
  return Buffer.concat([number(type, 1), number(body.length, 3), body]);
}

/** Records of at most so many bytes each. */
export function records(bytes: Uint8Array, size = 0x4000, version = 0x0301): Buffer {
  const made: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size)
    made.push(
      number(22, 1),
      number(version, 2),
      vector(2, Buffer.from(bytes.subarray(at, at + size))),
    );
  return Buffer.concat(made);
}

/** A hello in one record. */
export function hello(parts: HelloParts = {}): Buffer {
  return records(message(helloBody(parts)));
}

/** The extension `server_name` with these names. */
export function serverName(...names: readonly string[]): [number, Buffer] {
  const list = names.map((name) =>
    Buffer.concat([number(0, 1), vector(2, Buffer.from(name, 'latin1'))]),
  );
  return [0, vector(2, Buffer.concat(list))];
}

/** An unsigned number of so many bytes. */
export function number(value: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.writeUIntBE(value, 0, size);
  return bytes;
}

/** Bytes behind their length. */
export function vector(sizeOfLength: number, contents: Uint8Array): Buffer {
  return Buffer.concat([number(contents.length, sizeOfLength), contents]);
}

/** What the TLS of Node says first, with these options. */
export function realHello(options: ConnectionOptions): Promise<Buffer> {
  return new Promise((resolve) => {
    const wire = new Duplex({
      read: () => undefined,
      write: (bytes: Buffer, _encoding, done) => {
        resolve(bytes);
        done();
        wire.destroy();
      },
    });
    connect({ ...options, socket: wire }).on('error', () => undefined);
  });
}
