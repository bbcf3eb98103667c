import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runCommand } from './run-command.ts';

function sh(script: string): { program: string; args: string[] } {
  return {
    program: 'sh',
    args: ['-c', script],
  };
}

describe('runCommand()', () => {
  it('gives status and both outputs, and feeds the input', async () => {
    const end = await runCommand({ ...sh('cat; echo wrong >&2; exit 3'), input: 'right' });
    assert.deepEqual(end, { kind: 'ended', status: 3, stdout: 'right', stderr: 'wrong\n' });
  });

  it('finds the programs of administrators, and speaks English', async () => {
    const end = await runCommand(sh('echo "$PATH $LC_ALL"'));
    assert.match(end.kind === 'ended' ? end.stdout : '', /:\/usr\/sbin:\/sbin C\n$/);
  });

  it('survives a program that reads nothing', async () => {
    const end = await runCommand({ ...sh('exit 0'), input: 'x'.repeat(1_000_000) });
    assert.deepEqual(end, { kind: 'ended', status: 0, stdout: '', stderr: '' });
  });

  it('says why a program did not run to its end', async () => {
    const missing = await runCommand({ program: 'no-such-program', args: [] });
    assert.deepEqual(missing, { kind: 'failed', reason: 'ENOENT' });
    const slow = await runCommand({ ...sh('exec sleep 60'), timeoutMs: 50 });
    assert.deepEqual(slow, { kind: 'failed', reason: 'timeout' });
    const loud = await runCommand({ ...sh('exec cat /dev/zero'), maxOutputBytes: 100_000 });
    assert.deepEqual(loud, { kind: 'failed', reason: 'output' });
    const killed = await runCommand(sh('kill -TERM $$'));
    assert.deepEqual(killed, { kind: 'failed', reason: 'SIGTERM' });
  });

  it('tells the process id before the program gets its input', async () => {
    let pid = 0;
    const end = await runCommand({ ...sh('echo $$'), onStart: (started) => (pid = started) });
    assert.equal(end.kind === 'ended' && end.stdout, `${pid}\n`);
  });
});
