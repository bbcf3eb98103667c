import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';

it('the guard says that it is there, and ends where nothing waits', async () => {
  const main = join(import.meta.dirname, 'guard-main.ts');
  const nowhere = join(tmpdir(), 'zorp-no-such-state');
  const child = spawn(process.execPath, [main, nowhere, '0123456789abcdef']);
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  assert.deepEqual([code, said], [0, 'ready\n']);
});
