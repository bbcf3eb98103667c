// What the TLS of Node (OpenSSL) makes of the first bytes of a client, as a server of any version.
import { Duplex } from 'node:stream';
import type { SecureContext } from 'node:tls';
import { createSecureContext, TLSSocket } from 'node:tls';
import { makeAuthority, readAuthority } from '../../src/keybridge/authority.ts';
import { certificateForName } from '../../src/keybridge/server-certificate.ts';
import { newServerKey } from '../../src/keybridge/server-key.ts';
import { pemOf } from '../../src/keybridge/sign-certificate.ts';

/** What OpenSSL has read of a hello that it goes on with; undefined: it has not, or refuses it. */
export interface SeenHello {
  /** The server that the client asks for. */
  readonly serverName: string | undefined;
  /** What it offers by ALPN. */
  readonly protocols: readonly string[];
}

let context: SecureContext | undefined;

/** One that takes what no server of today would. */
function lenientContext(): SecureContext {
  const now = Date.now();
  const made = makeAuthority({ name: 'server', now });
  const authority = readAuthority({ ...made, passphrase: undefined }, now);
  const { publicKey, privateKey } = newServerKey();
  const { encoded } = certificateForName({ name: 'a.example' }, { authority, publicKey, now });
  return createSecureContext({
    ...{ cert: pemOf(encoded), key: privateKey },
    ...{ minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' },
  });
}

const HANDSHAKE = 22;

/** Gives the bytes to a server, and says what it saw before it answered. */
export function seenByOpenSsl(bytes: Uint8Array): Promise<SeenHello | undefined> {
  context ??= lenientContext();
  const made = context;
  return new Promise((resolve) => {
    let serverName: string | undefined;
    let protocols: readonly string[] = [];
    const wire = new Duplex({
      read: () => undefined,
      write: (answer: Buffer, _encoding, done) => {
        finish(answer[0] === HANDSHAKE ? { serverName, protocols } : undefined);
        done();
      },
    });
    const socket = new TLSSocket(wire, {
      isServer: true,
      secureContext: made,
      SNICallback: (name, done) => {
        serverName = name;
        done(null, made);
      },
      ALPNCallback: (offer) => {
        ({ protocols } = offer);
        return offer.protocols[0];
      },
    });
    const finish = (seen: SeenHello | undefined): void => {
      resolve(seen);
      socket.destroy();
      wire.destroy();
    };
    for (const event of ['error', '_tlsError', 'close', 'end'])
      socket.on(event, () => finish(undefined));
    wire.push(bytes);
    wire.push(null);
  });
}
