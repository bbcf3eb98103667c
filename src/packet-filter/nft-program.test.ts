import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NftProgram } from './nft-program.ts';
import { PacketFilterError } from './packet-filter-error.ts';
import type { CommandEnd, CommandRun } from './run-command.ts';

const ended = (status: number, stdout = '', stderr = ''): CommandEnd => {
  return { kind: 'ended', status, stdout, stderr };
};

/** An nft that always ends like this, and what it was asked. */
function fake(end: CommandEnd): { nft: NftProgram; runs: CommandRun[]; changes: number[] } {
  const runs: CommandRun[] = [];
  const changes: number[] = [];
  const run = (asked: CommandRun): Promise<CommandEnd> => {
    runs.push(asked);
    asked.onStart?.(4711);
    return Promise.resolve(end);
  };
  return { nft: new NftProgram(run, (pid) => changes.push(pid)), runs, changes };
}

const code = (wanted: string) => (error: unknown) => {
  assert.ok(error instanceof PacketFilterError, String(error));
  assert.equal(error.code, wanted);
  assert.match(error.message, /^[A-Z][^\n]*: [^\n]+$/);
  return true;
};

describe('NftProgram', () => {
  it('tells its version', async () => {
    const { nft } = fake(ended(0, 'nftables v1.0.6 (Lester Gooch #5)\n'));
    assert.equal(await nft.version(), '1.0.6');
    await assert.rejects(fake(ended(0, 'hello')).nft.version(), code('nft.unreadable'));
  });

  it('lists a table as JSON and as text', async () => {
    const { nft, runs } = fake(ended(0, '{"nftables":[]}'));
    assert.deepEqual((await nft.list('zorp'))?.objects, []);
    assert.equal(await nft.listText('zorp'), '{"nftables":[]}');
    assert.deepEqual(
      runs.map(({ args }) => args.join(' ')),
      ['-j list table inet zorp', 'list table inet zorp'],
    );
  });

  it('knows a table that is not there', async () => {
    const { nft } = fake(ended(1, '', 'Error: No such file or directory\nlist table inet x\n'));
    assert.deepEqual([await nft.list('x'), await nft.listText('x')], [undefined, undefined]);
  });

  it('checks and applies transactions, and tells only of a process that changes something', async () => {
    const { nft, runs, changes } = fake(ended(0));
    const json = { kind: 'json', commands: [{ add: 7 }] } as const;
    assert.deepEqual(await nft.check(json), { ok: true });
    assert.deepEqual(changes, []);
    assert.deepEqual(await nft.apply({ kind: 'text', text: 'add table inet x' }), { ok: true });
    assert.deepEqual(changes, [4711]);
    assert.deepEqual(
      runs.map(({ args, input }) => [args.join(' '), input]),
      [
        ['-j -c -f -', '{"nftables":[{"add":7}]}'],
        ['-f -', 'add table inet x'],
      ],
    );
  });

  it('gives the first complaint of the kernel', async () => {
    const said = '\ninternal:0:0-0: Error: Could not process rule: File exists\n\nmore';
    const { nft } = fake(ended(1, '', said));
    const complaint = 'Could not process rule: File exists';
    assert.deepEqual(await nft.apply({ kind: 'json', commands: [] }), { ok: false, complaint });
    const mute = await fake(ended(1)).nft.apply({ kind: 'text', text: '' });
    assert.deepEqual(mute, { ok: false, complaint: 'it does not say why' });
    const long = await fake(ended(1, '', 'x'.repeat(9999))).nft.check({ kind: 'text', text: '' });
    assert.equal(!long.ok && long.complaint.length, 300);
  });

  it('says in one sentence why it cannot be run', async () => {
    const list = (end: CommandEnd): Promise<unknown> => fake(end).nft.list('zorp');
    await assert.rejects(list({ kind: 'failed', reason: 'ENOENT' }), code('nft.missing'));
    await assert.rejects(list({ kind: 'failed', reason: 'timeout' }), code('nft.failed'));
    await assert.rejects(list({ kind: 'failed', reason: 'SIGSEGV' }), /failed \(SIGSEGV\)/);
    await assert.rejects(list(ended(1, '', 'Error: syntax error\nx')), code('nft.failed'));
    await assert.rejects(list(ended(0, 'no JSON')), code('nft.unreadable'));
    const refused = ended(1, '', 'Operation not permitted (you must be root)\n');
    await assert.rejects(list(refused), code('nft.not-permitted'));
    const check = fake(refused).nft.check({ kind: 'json', commands: [] });
    await assert.rejects(check, code('nft.not-permitted'));
    const noJson = ended(1, '', 'JSON support not compiled-in\n');
    await assert.rejects(list(noJson), code('nft.no-json'));
  });
});
