import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  ACCEPT,
  commentOf,
  count,
  match,
  matchOne,
  meta,
  setBits,
  TableCommands,
} from './nft-json.ts';

describe('the words of nft', () => {
  it('compare with one value, or with a set of several', () => {
    assert.deepEqual(matchOne(meta('iifname'), ['eth0']), match(meta('iifname'), 'eth0'));
    assert.deepEqual(matchOne(meta('iifname'), ['eth0', 'eth1']), {
      match: { op: '==', left: { meta: { key: 'iifname' } }, right: { set: ['eth0', 'eth1'] } },
    });
  });

  it('set the bits of a mask, and leave the others', () => {
    const { mangle } = setBits(meta('mark'), { mask: 0x8000_0000, bits: 0x8000_0000 });
    const others = { '&': [meta('mark'), 0x7fff_ffff] };
    assert.deepEqual(mangle, { key: meta('mark'), value: { '|': [others, 0x8000_0000] } });
  });

  it('cut a comment that the kernel would not take, and write it plainly', () => {
    assert.equal(commentOf('a "b"\\é\n'), "a 'b'???");
    assert.equal(commentOf('x'.repeat(500)).length, 120);
  });
});

describe('TableCommands', () => {
  it('makes what is referred to first, and each counter once', () => {
    const commands = new TableCommands('zorp');
    commands.addChain('inner');
    commands.addRule('inner', [count('seen'), ACCEPT]);
    commands.addRule('inner', [count('seen')], 'twice');
    commands.addSet('some', 'ipv4_addr', ['10.0.0.1'], 'one');
    commands.addSet('none', 'ipv6_addr', [], 'none');
    commands.addChain('outer', { type: 'filter', hook: 'prerouting', prio: -150 });
    const kinds = commands.all.map(({ add }) => Object.keys(add as object)[0]);
    assert.deepEqual(kinds, ['set', 'set', 'counter', 'chain', 'chain', 'rule', 'rule']);
    const place = { family: 'inet', table: 'zorp' };
    assert.deepEqual(commands.all[2], { add: { counter: { ...place, name: 'seen' } } });
    const hook = { type: 'filter', hook: 'prerouting', prio: -150, policy: 'accept' };
    assert.deepEqual(commands.all[4], { add: { chain: { ...place, name: 'outer', ...hook } } });
  });
});
