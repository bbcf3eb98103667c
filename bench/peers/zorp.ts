// Zorp, run as a user runs it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contender, Place } from '../contender.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** How Zorp is run. */
export interface ZorpOptions {
  /** What carries the sockets. Default: the driver. */
  readonly io?: 'driver' | 'net';
  /** Where each of its processes leaves a CPU profile when it ends. Default: nowhere. */
  readonly profileFolder?: string | undefined;
}

/** Zorp. */
export function zorp(place: Place, { io = 'driver', profileFolder }: ZorpOptions = {}): Contender {
  const { ports } = place;
  const { http, httpOnce, policy: whole, policyOnce, forward, forwardPolicy, plug } = ports;
  const { tls, tlsNames, tlsPlug } = ports;
  const { proxyAuthority, serverAuthority, serverPort, namesPort } = place.tls;
  const profile =
    profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
  const name = io === 'net' ? 'zorp-net' : 'zorp';
  const policy = join(ROOT, 'bench', 'policies', 'bench.ts');
  return {
    name,
    version: versionOf(readFileSync(join(ROOT, 'package.json'), 'utf8')),
    // Every connection that it passes on has been decided by a rule, and has a record.
    ports: { ...ports, httpOnceLogged: httpOnce, plugLogged: plug },
    command: {
      name,
      file: process.execPath,
      args: [...profile, join(ROOT, 'src', 'cli', 'main.ts'), 'run', policy],
      env: {
        ZORP_IO: io,
        BENCH_HTTP: `127.0.0.1:${http}`,
        BENCH_ONCE: `127.0.0.1:${httpOnce}`,
        BENCH_POLICY: `127.0.0.1:${whole}`,
        BENCH_POLICY_ONCE: `127.0.0.1:${policyOnce}`,
        BENCH_FORWARD: `127.0.0.1:${forward}`,
        BENCH_FORWARD_POLICY: `127.0.0.1:${forwardPolicy}`,
        BENCH_PLUG: `127.0.0.1:${plug}`,
        BENCH_BLOCKED: place.blockedDomains,
        BENCH_SERVER: `127.0.0.1:${place.serverPort}`,
        BENCH_TLS: `127.0.0.1:${tls}`,
        BENCH_TLS_NAMES: `127.0.0.1:${tlsNames}`,
        BENCH_TLS_PLUG: `127.0.0.1:${tlsPlug}`,
        BENCH_TLS_SERVER: `127.0.0.1:${serverPort}`,
        BENCH_NAMES_SERVER: `127.0.0.1:${namesPort}`,
        BENCH_PROXY_CERTIFICATE: proxyAuthority.certificate,
        BENCH_PROXY_KEY: proxyAuthority.privateKey,
        BENCH_SERVER_AUTHORITY: serverAuthority.certificate,
      },
      ports: [
        ...[http, httpOnce, whole, policyOnce, forward, forwardPolicy, plug],
        ...[tls, tlsNames, tlsPlug],
      ],
      log: join(place.folder, `${name}.log`),
    },
  };
}

function versionOf(json: string): string {
  const read: unknown = JSON.parse(json);
  if (typeof read === 'object' && read !== null && 'version' in read) return String(read.version);
  return 'of an unknown version';
}
