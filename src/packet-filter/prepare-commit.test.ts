import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { FakeKernel, failed, sampleRuleset } from '../../test/support/fake-kernel.ts';
import { toolsOf } from './machine.ts';
import { PacketFilterError } from './packet-filter-error.ts';
import type { Preparation } from './prepare-commit.ts';
import { prepareCommit } from './prepare-commit.ts';

let kernel = new FakeKernel();
beforeEach(() => {
  kernel.remove();
  kernel = new FakeKernel();
});
afterEach(() => kernel.remove());

function prepare(ruleset = sampleRuleset('aa')): Promise<Preparation> {
  return prepareCommit(kernel, toolsOf(kernel), ruleset);
}

/** Asserts that nothing was changed, and that one sentence with a cure says why. */
async function refuses(code: string, pattern: RegExp): Promise<void> {
  const before = JSON.stringify(kernel.effects);
  await assert.rejects(prepare(), (error) => {
    assert.ok(error instanceof PacketFilterError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, /^[^\n]+: [^\n]+$/);
    assert.match(error.message, pattern);
    return true;
  });
  assert.equal(JSON.stringify(kernel.effects), before);
  assert.ok(kernel.hasNoState);
}

describe('prepareCommit()', () => {
  it('tells what a commit would do, and does nothing', async () => {
    const { routing, replaced, warnings, transaction } = await prepare();
    assert.deepEqual(
      routing.map(({ family, args }) => `${family} ${args[0] ?? ''}`),
      ['IPv4 route', 'IPv4 rule', 'IPv6 route', 'IPv6 rule'],
    );
    assert.deepEqual([replaced, warnings], [[], []]);
    assert.equal(transaction.kind, 'json');
    assert.equal(kernel.tables.size + kernel.routing.length, 0);
    assert.ok(kernel.hasNoState);
  });

  it('refuses without nft, and with an old one', async () => {
    kernel.version = '0.9.8';
    await refuses('nft.old', /has version 0\.9\.8: install nftables 1\.0\.0 or later/);
    kernel.version = '1.10.0';
    await prepare();
    kernel.interfere = (_line, { program }) =>
      program === 'nft' ? { kind: 'failed', reason: 'ENOENT' } : undefined;
    await refuses('nft.missing', /not installed: install the package nftables/);
  });

  it('refuses without the capability', async () => {
    kernel.isAdministrator = false;
    await refuses('nft.not-permitted', /CAP_NET_ADMIN: run this as root/);
  });

  it('refuses without ip, and without a loopback interface', async () => {
    kernel.links = ['eth0'];
    await refuses('routing.no-loopback', /run "ip link set lo up"$/);
    kernel.interfere = (_line, { program }) =>
      program === 'ip' ? { kind: 'failed', reason: 'ENOENT' } : undefined;
    await refuses('ip.missing', /install the package iproute2/);
  });

  it('refuses a table, a mark and a routing table of somebody else', async () => {
    kernel.addForeignTable('zorp');
    await refuses('nft.table-taken', /"table inet zorp"|packetFilter: { table }/);
    kernel.tables.clear();
    kernel.routing = [{ family: '-4', what: 'rule', args: 'priority 7 lookup 50080' }];
    await refuses('routing.table-taken', /IPv4 routing table 50080/);
  });

  it('names what the kernel lacks', async () => {
    const ruleset = sampleRuleset('aa');
    const expr = [{ tproxy: { family: 'ip', port: 1 } }];
    const rule = { family: 'inet', table: 'zorp', chain: 'prerouting', expr };
    kernel.interfere = (_line, { input = '' }) =>
      input.includes('tproxy')
        ? failed(1, 'Error: Could not process rule: No such file\n')
        : undefined;
    await assert.rejects(
      prepare({ ...ruleset, commands: [...ruleset.commands, { add: { rule } }] }),
      (error) =>
        error instanceof PacketFilterError &&
        error.code === 'kernel.missing' &&
        error.message.includes('modprobe nft_tproxy'),
    );
  });

  it('gives the complaint of the kernel about anything else', async () => {
    kernel.interfere = (line) =>
      line.endsWith('nft -j -c') ? failed(1, 'Error: Value too large\n') : undefined;
    await refuses('nft.refused', /^The kernel refuses the packet filter: Value too large$/);
  });

  it('warns of interfaces that are not there, and of a machine without IPv6', async () => {
    kernel.proc.set('/proc/net/if_inet6', undefined);
    const ruleset = sampleRuleset('aa');
    const match = {
      op: '==',
      left: { meta: { key: 'iifname' } },
      right: { set: ['eth0', 'eth7'] },
    };
    const place = { family: 'inet', table: 'zorp', chain: 'prerouting' };
    const rule = { ...place, expr: [{ match }] };
    const { warnings, routing } = await prepare({
      ...ruleset,
      commands: [...ruleset.commands, { add: { rule } }],
    });
    assert.deepEqual(warnings, [
      'There is no interface eth7 now: its rules wait for one of that name',
      'This machine has no IPv6 on lo: only IPv4 is brought to proxies',
    ]);
    assert.equal(routing.length, 2);
  });
});
