// SSLsplit as the peer of interception. It has its caches of certificates and sessions, and verifies servers; names of
// servers it does not compare.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { installedProgram } from '../../test/support/installed-program.ts';
import type { FoundPeer, Place } from '../contender.ts';

/** SSLsplit, if it is installed. */
export function sslsplit({ folder, ports, tls }: Place): FoundPeer {
  const file = installedProgram('sslsplit');
  if (file === undefined) return { missing: [{ what: 'sslsplit', cure: 'apt install sslsplit' }] };
  const version = spawnSync(file, ['-V'], { encoding: 'utf8' }).stderr;
  const { proxyAuthority, serverAuthority, leafKey, serverPort, namesPort } = tls;
  const specs = [
    ['https', ports.tls, serverPort],
    ['https', ports.tlsNames, namesPort],
    ['ssl', ports.tlsPlug, serverPort],
  ].flatMap(([kind, port, to]) => [kind, '127.0.0.1', port, '127.0.0.1', to].map(String));
  const keys = ['-c', proxyAuthority.certificate, '-k', proxyAuthority.privateKey, '-K', leafKey];
  const user = process.getuid?.() === 0 ? ['-u', 'root'] : []; // else it becomes one who reads no file of ours
  return {
    contender: {
      name: 'sslsplit',
      version: /SSLsplit ([\d.]+)/.exec(version)?.[1] ?? 'of an unknown version',
      ports: { tls: ports.tls, tlsNames: ports.tlsNames, tlsPlug: ports.tlsPlug },
      command: {
        name: 'sslsplit',
        file,
        args: [...user, '-o', 'VerifyPeer=yes', ...keys, ...specs],
        env: { SSL_CERT_FILE: serverAuthority.certificate },
        ports: [ports.tls, ports.tlsNames, ports.tlsPlug],
        log: join(folder, 'sslsplit.log'),
      },
    },
    missing: [],
  };
}
