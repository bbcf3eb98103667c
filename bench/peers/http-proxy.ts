// The npm package http-proxy as the peer: what people put before a server when they write a proxy in Node.

import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { FoundPeer, Place } from '../contender.ts';

// It needs more than ten times as much as the others.
const SHARE = 0.1;

/** http-proxy, if it is installed. */
export function httpProxy(place: Place): FoundPeer {
  const version = installedVersion();
  if (version === undefined) return { missing: [{ what: 'http-proxy', cure: 'npm install' }] };
  const { http, policy, forward, forwardPolicy } = place.ports;
  const program = join(import.meta.dirname, 'http-proxy-program.ts');
  const parameters = [place.serverPort, http, policy, forward, forwardPolicy].map(String);
  return {
    contender: {
      name: 'http-proxy',
      version,
      ports: { http, policy, forward, forwardPolicy },
      share: SHARE,
      command: {
        name: 'http-proxy',
        file: process.execPath,
        args: ['--no-deprecation', program, ...parameters, place.blockedDomains],
        ports: [http, policy, forward, forwardPolicy],
        log: join(place.folder, 'http-proxy.log'),
      },
    },
    missing: [],
  };
}

function installedVersion(): string | undefined {
  try {
    const read: unknown = createRequire(import.meta.url)('http-proxy/package.json');
    const isPackage = typeof read === 'object' && read !== null && 'version' in read;
    return isPackage ? String(read.version) : undefined;
  } catch {
    return undefined;
  }
}
