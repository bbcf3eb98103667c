import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { needs } from '../../test/support/needs.ts';
import type { Applying } from './nft-program.ts';
import { NftProgram } from './nft-program.ts';
import { PacketFilterError } from './packet-filter-error.ts';
import type { CommandEnd, CommandRun } from './run-command.ts';
import { runCommand } from './run-command.ts';

function ended(status: number, stdout = '', stderr = ''): CommandEnd {
  return { kind: 'ended', status, stdout, stderr };
}

/** An nft that always ends like this, and what it was asked. */
function fake(end: CommandEnd): { nft: NftProgram; runs: CommandRun[] } {
  const runs: CommandRun[] = [];
  const nft = new NftProgram((asked) => {
    runs.push(asked);
    asked.onStart?.(4711);
    return Promise.resolve(end);
  });
  return { nft, runs };
}

/** What is needed to change something, and what became of it. */
class Files implements Applying {
  readonly written: string[] = [];
  readonly started: number[] = [];

  writeInput(text: string): string {
    this.written.push(text);
    return '/run/input';
  }

  onStart(pid: number): void {
    this.started.push(pid);
  }
}

function code(wanted: string) {
  return (error: unknown) => {
    assert.ok(error instanceof PacketFilterError, String(error));
    assert.equal(error.code, wanted);
    assert.match(error.message, /^[A-Z][^\n]*: [^\n]+$/);
    return true;
  };
}

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

  it('checks a transaction through a pipe', async () => {
    const { nft, runs } = fake(ended(0));
    assert.deepEqual(await nft.check({ kind: 'json', commands: [{ add: 7 }] }), { ok: true });
    assert.deepEqual(await nft.check({ kind: 'text', text: 'add table inet x' }), { ok: true });
    assert.deepEqual(
      runs.map(({ args, input }) => [args.slice(2).join(' '), input]),
      [
        ['nft -j -c', '{"nftables":[{"add":7}]}'],
        ['nft -c', 'add table inet x'],
      ],
    );
  });

  it('applies a transaction from a file, when the process that does it is known', async () => {
    const { nft, runs } = fake(ended(0));
    const files = new Files();
    assert.deepEqual(await nft.apply({ kind: 'json', commands: [] }, files), { ok: true });
    assert.deepEqual([files.written, files.started], [['{"nftables":[]}'], [4711]]);
    assert.deepEqual(
      runs.map(({ args, input }) => [args.slice(2).join(' '), input]),
      [['nft -j -f /run/input', 'go\n']],
    );
  });

  it('starts no nft before it is told, and none if nobody tells it', async () => {
    const told = async (input: string): Promise<CommandEnd | undefined> => {
      let end: CommandEnd | undefined;
      const nft = new NftProgram(async (run) => {
        end = await runCommand({ ...run, input });
        return end;
      });
      await nft.apply({ kind: 'text', text: '' }, new Files());
      return end;
    };
    const notTold = await told('');
    assert.deepEqual(notTold, { kind: 'ended', status: 1, stdout: '', stderr: '' });
    const isTold = await told('go\n');
    assert.notEqual(isTold?.kind === 'ended' ? isTold.stderr : '', '', 'there is no /run/input');
  });

  it('feeds a real nft through a pipe', needs('nft'), async () => {
    const nft = new NftProgram(runCommand);
    const asked = nft.check({ kind: 'text', text: 'no such command' });
    const result = await asked.catch((error: unknown) => String(error));
    assert.match(JSON.stringify(result), /syntax error|CAP_NET_ADMIN/);
  });

  it('gives the first complaint of the kernel', async () => {
    const said = '\ninternal:0:0-0: Error: Could not process rule: File exists\n\nmore';
    const { nft } = fake(ended(1, '', said));
    const complaint = 'Could not process rule: File exists';
    assert.deepEqual(await nft.check({ kind: 'json', commands: [] }), { ok: false, complaint });
    const mute = await fake(ended(1)).nft.apply({ kind: 'text', text: '' }, new Files());
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
    const notFound = fake(ended(127, '', 'nft: 1: exec: nft: not found\n')).nft;
    await assert.rejects(notFound.check({ kind: 'json', commands: [] }), code('nft.missing'));
    const noKernel = ended(1, '', 'Unable to initialize Netlink socket: Protocol not supported\n');
    await assert.rejects(list(noKernel), code('kernel.missing'));
    const noJson = ended(1, '', 'JSON support not compiled-in\n');
    await assert.rejects(list(noJson), code('nft.no-json'));
  });
});
