// A client of Go's net/http (go-client.go), built once where it is to run, without network.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Lab } from './system-lab.ts';

/** What `needs` must be told for it. */
export const GO_NEEDS = ['go'] as const;

/** Where Go comes without its compiled library, that is built, too: half a minute on two busy cores. */
const BUILD_MS = 120_000;

/** Builds it: `CLIENT CA-FILE POST-BODY URL...`, an empty body is none. @returns the path of the program. */
export async function buildGoClient(lab: Lab): Promise<string> {
  const home = lab.makeFolder('go');
  const program = join(home, 'go-client');
  const source = join(import.meta.dirname, 'go-client.go');
  const own = [`HOME=${home}`, `GOCACHE=${home}/cache`, `GOPATH=${home}/path`];
  const offline = ['GOTOOLCHAIN=local', 'GOPROXY=off', 'GOFLAGS=-mod=mod', 'GOTELEMETRY=off'];
  const build = ['go', 'build', '-o', program, source];
  const { status, stderr } = await lab
    .start(['env', '-C', home, ...own, ...offline, ...build])
    .end(BUILD_MS);
  assert.equal(status, 0, stderr);
  return program;
}
