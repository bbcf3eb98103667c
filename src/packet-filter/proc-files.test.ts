import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import {
  bootId,
  hasIpv6,
  identifyProcess,
  isRunning,
  mayAdministerNetwork,
  networkNamespace,
  readProc,
} from './proc-files.ts';

function from(files: Readonly<Record<string, string>>) {
  return (path: string) => files[path];
}

describe('processes', () => {
  it('are told apart by the tick of their start', () => {
    const fields = ['S', ...Array.from({ length: 18 }, () => '0'), '4711', '9'].join(' ');
    const read = from({ '/proc/7/stat': `7 (a) b (c) ${fields}` });
    assert.deepEqual(identifyProcess(7, read), { pid: 7, startTick: '4711' });
    assert.equal(isRunning({ pid: 7, startTick: '4711' }, read), true);
    assert.equal(isRunning({ pid: 7, startTick: '4710' }, read), false);
    assert.equal(isRunning({ pid: 8, startTick: '4711' }, read), false);
    const ended = from({ '/proc/7/stat': `7 (a) ${fields.replace('S', 'Z')}` });
    assert.equal(identifyProcess(7, ended), undefined);
  });

  it('are found on the real machine', async () => {
    const child = spawn('sleep', ['3600']);
    const identity = identifyProcess(child.pid ?? 0, readProc);
    assert.ok(identity !== undefined && isRunning(identity, readProc));
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.equal(isRunning(identity, readProc), false);
  });
});

describe('this process', () => {
  it('may administer the network with bit 12 of its effective capabilities', () => {
    const withMask = (mask: string): boolean =>
      mayAdministerNetwork(from({ '/proc/self/status': `Name:\tnode\nCapEff:\t${mask}\nX:\t1\n` }));
    assert.equal(withMask('000001ffffffffff'), true);
    assert.equal(withMask('0000000000001000'), true);
    assert.equal(withMask('000001ffffffefff'), false);
    assert.equal(mayAdministerNetwork(from({})), false);
  });

  it('has a network namespace and a boot', () => {
    assert.equal(networkNamespace(from({ '/proc/self/ns/net': 'net:[4026531840]' })), '4026531840');
    assert.equal(networkNamespace(from({})), undefined);
    assert.match(networkNamespace(readProc) ?? '', /^\d+$/);
    assert.match(bootId(readProc), /^[0-9a-f-]{36}$/);
    assert.equal(bootId(from({})), '');
  });

  it('has IPv6 where the kernel has it and it is not switched off', () => {
    const key = '/proc/sys/net/ipv6/conf/lo/disable_ipv6';
    assert.equal(hasIpv6(from({})), false);
    assert.equal(hasIpv6(from({ '/proc/net/if_inet6': '' })), true);
    assert.equal(hasIpv6(from({ '/proc/net/if_inet6': '', [key]: '0\n' })), true);
    assert.equal(hasIpv6(from({ '/proc/net/if_inet6': '', [key]: '1\n' })), false);
  });
});
