// A pointer that is used after its end is a hole, and no exception: valgrind watches every access to memory that OpenSSL makes for the
// engine of TLS, and that it makes by an address of ours.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { needs } from '../support/needs.ts';
import { suiteOwner } from '../support/system-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { needsOpenSsl } from '../support/tls-layers.ts';

const FOUND = 99;
const MAX_MS = 240_000; // some 15 s on a machine that does nothing else

/** How a program ended, and what was found. */
interface Watched {
  readonly status: number | null;
  readonly stdout: string;
  readonly log: string;
}

describe('access to memory', { ...needs('valgrind'), ...needsOpenSsl() }, () => {
  const folder = temporaryFolder(suiteOwner(), 'access');

  /** Runs one of the programs of tests under valgrind. */
  function watch(program: string): Watched {
    const log = join(folder, `${program}.log`);
    const script = join(import.meta.dirname, `../support/${program}.ts`);
    const env = { ...process.env, NODE_COMPILE_CACHE: folder };
    const node = [process.execPath, '--single-threaded', script];
    // What V8 and Node make of TypeScript takes most of the time under valgrind: a run before it leaves that ready.
    spawnSync(process.execPath, node.slice(1), { env });
    const options = [
      ...[`--error-exitcode=${FOUND}`, `--log-file=${log}`, '--leak-check=no'],
      // V8 reads what nobody has written, and writes code that it runs.
      ...['--undef-value-errors=no', '--smc-check=all-non-file'],
    ];
    const { status, stdout } = spawnSync('valgrind', [...options, ...node], {
      ...{ env, encoding: 'utf8', timeout: MAX_MS },
    });
    return { status, stdout, log: readFileSync(log, 'utf8') };
  }

  it('is right in handshakes, bulk, ends, alerts and garbage', () => {
    const { status, stdout, log } = watch('tls-torture-main');
    assert.equal(status, 0, log);
    assert.ok(Number(stdout) > 100, `${stdout} connections`);
    assert.match(log, /ERROR SUMMARY: 0 errors/);
  });

  it('is watched: what is freed and read all the same is seen', () => {
    const { status, log } = watch('freed-memory-main');
    assert.equal(status, FOUND);
    assert.match(log, /Invalid read[^]*BIO_ctrl[^]*free'd[^]*BIO_free/);
  });
});
