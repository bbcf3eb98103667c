import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { missingFeature } from './kernel-features.ts';
import { NftProgram } from './nft-program.ts';

/** An nft on a kernel that lacks some things, and how often it was asked. */
function without(...lacking: readonly string[]): { nft: NftProgram; asked: string[] } {
  const asked: string[] = [];
  const nft = new NftProgram(({ input = '' }) => {
    asked.push(input);
    const lacks = lacking.some((name) => input.includes(`"${name}":`));
    const stderr = lacks ? 'Error: Could not process rule: No such file or directory\n' : '';
    return Promise.resolve({ kind: 'ended', status: lacks ? 1 : 0, stdout: '', stderr });
  });
  return { nft, asked };
}

function rule(...expr: readonly object[]): object {
  return { add: { rule: { expr } } };
}

describe('missingFeature()', () => {
  it('names what commands use and the kernel lacks', async () => {
    const commands = [rule({ match: {} }), rule({ tproxy: { port: 1 } }, { accept: null })];
    const { nft, asked } = without('tproxy');
    assert.deepEqual(await missingFeature(nft, commands), {
      ...{ name: 'tproxy', module: 'nft_tproxy', option: 'CONFIG_NFT_TPROXY' },
    });
    assert.equal(asked.length, 1);
    assert.match(asked[0] ?? '', /"table":"zorp-probe"/);
  });

  it('finds it wherever it stands', async () => {
    const socket = { match: { left: { socket: { key: 'transparent' } }, right: 1 } };
    const missing = await missingFeature(without('socket').nft, [rule(socket)]);
    assert.equal(missing?.module, 'nft_socket');
    const nested = rule({ vmap: { data: { set: [[1, { masquerade: null }]] } } });
    assert.equal((await missingFeature(without('masquerade').nft, [nested]))?.name, 'masquerade');
  });

  it('asks only for what is used', async () => {
    const { nft, asked } = without('tproxy');
    assert.equal(await missingFeature(nft, [rule({ accept: null })]), undefined);
    assert.deepEqual(asked, []);
  });

  it('finds nothing where it is something else that the kernel does not like', async () => {
    const all = ['tproxy', 'socket', 'ct', 'fib', 'snat', 'dnat', 'masquerade', 'redirect'];
    const used = [...all, 'reject', 'log', 'limit'].map((name) => rule({ [name]: null }));
    const { nft, asked } = without('bogus');
    assert.equal(await missingFeature(nft, used), undefined);
    assert.equal(asked.length, used.length);
  });
});
