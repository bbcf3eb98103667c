import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { IpProgram } from './ip-program.ts';
import { PacketFilterError } from './packet-filter-error.ts';
import type { CommandEnd } from './run-command.ts';

function ended(status: number, stdout = '', stderr = ''): CommandEnd {
  return { kind: 'ended', status, stdout, stderr };
}

/** An ip that always ends like this, and the command lines that it got. */
function fake(end: CommandEnd): { ip: IpProgram; asked: string[] } {
  const asked: string[] = [];
  const ip = new IpProgram(({ program, args }) => {
    asked.push([program, ...args].join(' '));
    return Promise.resolve(end);
  });
  return { ip, asked };
}

describe('IpProgram', () => {
  it('reads the rules of the policy routing', async () => {
    const printed = [
      { priority: 0, src: 'all', table: '255' },
      { priority: 7, src: 'all', fwmark: '0x40', fwmask: '0x40', table: '5', protocol: '80' },
      { priority: 8, not: null, src: 'all', fwmark: '0xca6c', table: '51820' },
      { priority: 9, src: '10.0.0.0', srclen: 8, table: '9' },
      { priority: 10, src: 'all', action: 'unreachable' },
    ];
    const { ip, asked } = fake(ended(0, JSON.stringify(printed)));
    const rules = await ip.rules('IPv6');
    assert.deepEqual(asked, ['ip -6 -j -N rule show']);
    assert.deepEqual(rules[1], {
      ...{ priority: 7, table: '5', protocol: '80', isSpecial: false },
      mark: { value: 0x40, mask: 0x40 },
    });
    assert.deepEqual(rules[2]?.mark, { value: 0xca6c, mask: 0xffffffff });
    assert.deepEqual(
      rules.map(({ isSpecial }) => isSpecial),
      [false, false, true, true, true],
    );
  });

  it('reads the routes of a table', async () => {
    const printed = [
      { type: '2', dst: 'default', dev: 'lo', protocol: '80', scope: '254', flags: [] },
      { dst: '10.0.0.0/8', dev: 'eth0', flags: [] },
    ];
    const { ip, asked } = fake(ended(0, JSON.stringify(printed)));
    assert.deepEqual(await ip.routes('IPv4', 50080), [
      { destination: 'default', device: 'lo', isLocal: true, protocol: '80' },
      { destination: '10.0.0.0/8', device: 'eth0', isLocal: false, protocol: undefined },
    ]);
    assert.deepEqual(asked, ['ip -4 -j -N route show table 50080']);
  });

  it('knows a table without routes', async () => {
    const none = fake(ended(2, '', 'Error: ipv4: FIB table does not exist.\nDump terminated\n'));
    assert.deepEqual(await none.ip.routes('IPv4', 7), []);
    assert.deepEqual(await fake(ended(0, '')).ip.routes('IPv4', 7), []);
  });

  it('reads the interfaces', async () => {
    const printed = [
      { ifname: 'lo', flags: ['LOOPBACK', 'UP'] },
      { ifname: 'eth0', flags: [] },
    ];
    assert.deepEqual(await fake(ended(0, JSON.stringify(printed))).ip.links(), [
      { name: 'lo', isUp: true },
      { name: 'eth0', isUp: false },
    ]);
  });

  it('changes something', async () => {
    const { ip, asked } = fake(ended(0));
    await ip.change('IPv4', ['rule', 'add', 'priority', '7']);
    assert.deepEqual(asked, ['ip -4 rule add priority 7']);
  });

  it('says in one sentence what is wrong', async () => {
    const cases: readonly (readonly [CommandEnd, string])[] = [
      [{ kind: 'failed', reason: 'ENOENT' }, 'ip.missing'],
      [{ kind: 'failed', reason: 'timeout' }, 'ip.failed'],
      [ended(2, '', 'RTNETLINK answers: Operation not permitted\n'), 'ip.not-permitted'],
      [ended(2, '', 'RTNETLINK answers: File exists\nmore\n'), 'ip.failed'],
      [ended(1), 'ip.failed'],
      [ended(0, 'BusyBox'), 'ip.unreadable'],
      [ended(0, '[{"flags":7}]'), 'ip.unreadable'],
    ];
    for (const [end, code] of cases)
      await assert.rejects(fake(end).ip.links(), (error) => {
        assert.ok(error instanceof PacketFilterError);
        assert.equal(error.code, code);
        assert.match(error.message, /^[^\n]+: [^\n]+$/);
        return true;
      });
  });
});
