// The server behind the proxies: the same for all, and cheap, so that on a small machine it does not become the
// bottleneck. nginx where it is installed; else a little server in Node, which costs more but is not counted either.

import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Running } from './child.ts';
import { findProgram, start } from './child.ts';
import { LARGE_BYTES, patternOf, SMALL_BYTES } from './content.ts';
import { nginxConfig, writeNginxConfig } from './peers/nginx-config.ts';

/** The back end, and what it is. */
export interface BackEnd extends Running {
  readonly name: 'nginx' | 'node';
  readonly port: number;
}

/** Starts the back end. */
export async function startBackEnd(folder: string, port: number): Promise<BackEnd> {
  const large = join(folder, 'large');
  writeLarge(large);
  const nginx = findProgram('nginx');
  const server = {
    name: 'back end',
    ports: [port],
    log: join(folder, 'back-end.log'),
    ...(nginx === undefined
      ? {
          file: process.execPath,
          args: [join(import.meta.dirname, 'node-server.ts'), String(port), large],
        }
      : { file: nginx, args: writeNginxConfig(folder, 'back-end', nginxServer(port, large)) }),
  };
  return { name: nginx === undefined ? 'node' : 'nginx', port, ...(await start(server)) };
}

function nginxServer(port: number, large: string): string {
  return nginxConfig({
    http: `
  sendfile on;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    # What the proxy added comes back, so that the client can check it. No header if it is empty.
    add_header X-Seen $http_x_bench;
    # And what it was to drop, if it did not.
    add_header X-Referer $http_referer;
    location = /small { return 200 "${'x'.repeat(SMALL_BYTES)}"; }
    location = /large { alias ${large}; }
  }`,
  });
}

function writeLarge(path: string): void {
  const file = openSync(path, 'w', 0o644);
  const step = 1024 * 1024;
  for (let at = 0; at < LARGE_BYTES; at += step)
    writeSync(file, patternOf(at, Math.min(step, LARGE_BYTES - at)));
  closeSync(file);
}
