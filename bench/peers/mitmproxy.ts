// mitmproxy as the peer of interception, asked by CONNECT: it would need a process for each server otherwise, and would not
// pass the server's name on. Bodies pass as they come.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installedProgram } from '../../test/support/installed-program.ts';
import type { FoundPeer, Place } from '../contender.ts';

// It needs several times as much as the others.
const SHARE = 0.25;

/** mitmproxy, if it is installed. */
export function mitmproxy({ folder, ports: { tls: port }, tls }: Place): FoundPeer {
  const file = installedProgram('mitmdump');
  if (file === undefined)
    return { missing: [{ what: 'mitmproxy', cure: 'apt install mitmproxy' }] };
  const own = join(folder, 'mitmproxy');
  mkdirSync(own);
  const { proxyAuthority, serverAuthority } = tls;
  const both = [proxyAuthority.privateKey, proxyAuthority.certificate];
  const text = both.map((path) => readFileSync(path, 'utf8')).join('');
  writeFileSync(join(own, 'mitmproxy-ca.pem'), text, { mode: 0o600 });
  const settings = {
    confdir: own,
    ssl_verify_upstream_trusted_ca: serverAuthority.certificate,
    stream_large_bodies: '1m',
  };
  const set = Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
  const version = spawnSync(file, ['--version'], { encoding: 'utf8' }).stdout;
  return {
    contender: {
      name: 'mitmproxy',
      version: /Mitmproxy: ([\d.]+)/.exec(version)?.[1] ?? 'of an unknown version',
      ports: { tls: port, tlsNames: port, tlsPlug: port },
      share: SHARE,
      isExplicit: true,
      command: {
        name: 'mitmproxy',
        file,
        args: ['-q', '--listen-host', '127.0.0.1', '-p', String(port), ...set],
        ports: [port],
        log: join(folder, 'mitmproxy.log'),
      },
    },
    missing: [],
  };
}
