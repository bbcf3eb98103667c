// HAProxy as the peer: one thread, and splicing wherever it thinks that it pays.

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../child.ts';
import type { Contender, Missing, Place } from '../contender.ts';

/** HAProxy, if it is installed. */
export function haproxy(place: Place): { contender?: Contender; missing: readonly Missing[] } {
  const file = findProgram('haproxy');
  if (file === undefined) return { missing: [{ what: 'haproxy', cure: 'apt install haproxy' }] };
  const [http, httpOnce, plug] = place.ports;
  const path = join(place.folder, 'haproxy.cfg');
  writeFileSync(path, configOf(place));
  const version = spawnSync(file, ['-v'], { encoding: 'utf8' }).stdout;
  const contender: Contender = {
    name: 'haproxy',
    version: /version ([\d.]+)/.exec(version)?.[1] ?? 'of an unknown version',
    ports: { http, httpOnce, plug },
    command: {
      name: 'haproxy',
      file,
      args: ['-db', '-f', path],
      ports: [http, httpOnce, plug],
      log: join(place.folder, 'haproxy.log'),
    },
  };
  return { contender, missing: [] };
}

function configOf({ ports: [http, httpOnce, plug], serverPort }: Place): string {
  return `global
  nbthread 1
  maxconn 6000
defaults
  maxconn 6000
  backlog 4096
  timeout connect 5s
  timeout client 300s
  timeout server 300s
  timeout http-keep-alive 300s
  option splice-auto
listen http
  mode http
  bind 127.0.0.1:${http}
  http-request add-header X-Bench added
  server back 127.0.0.1:${serverPort}
listen http-once
  mode http
  bind 127.0.0.1:${httpOnce}
  http-reuse never
  http-request add-header X-Bench added
  server back 127.0.0.1:${serverPort}
listen plug
  mode tcp
  bind 127.0.0.1:${plug}
  server back 127.0.0.1:${serverPort}
`;
}
