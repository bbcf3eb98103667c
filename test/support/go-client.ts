// A client of Go's net/http (go-client.go), built once where it is to run, without network.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { succeed } from './network-lab.ts';
import type { Lab } from './system-lab.ts';

/** What `needs` must be told for it. */
export const GO_NEEDS = ['go'] as const;

/** Builds it: `CLIENT CA-FILE POST-BODY URL...`, an empty body is none. @returns the path of the program. */
export async function buildGoClient(lab: Lab): Promise<string> {
  const home = join(lab.folder, 'go');
  mkdirSync(home);
  const program = join(home, 'go-client');
  const source = join(import.meta.dirname, 'go-client.go');
  const own = `HOME=${home} GOCACHE=${home}/cache GOPATH=${home}/path GOTMPDIR=${home}`;
  const offline = 'GOTOOLCHAIN=local GOPROXY=off GOFLAGS=-mod=mod GOTELEMETRY=off';
  await succeed(lab, [`env ${own} ${offline} go build -o ${program} ${source}`]);
  return program;
}
