// Zorp, run as a user runs it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contender, Place } from '../contender.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** Zorp; with `profileFolder` each of its processes leaves a CPU profile there when it ends. */
export function zorp(place: Place, profileFolder?: string): Contender {
  const [http, , plug] = place.ports;
  const profile =
    profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
  const policy = join(ROOT, 'bench', 'policies', 'bench.ts');
  return {
    name: 'zorp',
    version: versionOf(readFileSync(join(ROOT, 'package.json'), 'utf8')),
    ports: { http, httpOnce: http, plug },
    command: {
      name: 'zorp',
      file: process.execPath,
      args: [...profile, join(ROOT, 'src', 'cli', 'main.ts'), 'run', policy],
      env: {
        BENCH_HTTP: `127.0.0.1:${http}`,
        BENCH_PLUG: `127.0.0.1:${plug}`,
        BENCH_SERVER: `127.0.0.1:${place.serverPort}`,
      },
      ports: [http, plug],
      log: join(place.folder, 'zorp.log'),
    },
  };
}

function versionOf(json: string): string {
  const read: unknown = JSON.parse(json);
  if (typeof read === 'object' && read !== null && 'version' in read) return String(read.version);
  return 'of an unknown version';
}
