import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CliWorld } from '../../test/support/cli-world.ts';

function zorp(...args: readonly string[]): ReturnType<CliWorld['run']> {
  return new CliWorld().run(...args);
}

const WORDS = ['generate', 'test', 'commit', 'confirm', 'rollback', 'remove', 'show'];

describe('zorp nft', () => {
  it('has help with an example for each word', async () => {
    const [code, out] = await zorp('nft', '--help');
    assert.equal(code, 0);
    for (const word of WORDS) {
      assert.match(out, new RegExp(`^ {2}${word} `, 'm'));
      const [wordCode, help] = await zorp('nft', word, '--help');
      assert.equal(wordCode, 0);
      assert.match(help, new RegExp(`Example:\n {2}zorp nft ${word}`));
      assert.match(help, /--json/);
    }
  });

  it('tells wrong use', async () => {
    const cases = [['nft'], ['nft', 'sing'], ['nft', 'commit'], ['nft', 'confirm', '--fast']];
    for (const args of cases) {
      const [code, , err] = await zorp(...args);
      assert.equal(code, 2, args.join(' '));
      assert.match(err, /^zorp: /);
    }
  });
});
