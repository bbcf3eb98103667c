import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Owner } from '../../test/support/system-process.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { IpAddress } from '../address/ip-address.ts';
import { listInterfaces } from './interface-listing.ts';

/** A folder like /sys/class/net. */
function sysfs(
  owner: Owner,
  interfaces: Readonly<Record<string, readonly [index: number, flags: string, group: number]>>,
): string {
  const folder = temporaryFolder(owner, 'sysfs');
  for (const [name, [index, flags, group]] of Object.entries(interfaces)) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'ifindex'), `${index}\n`);
    writeFileSync(join(folder, name, 'flags'), `${flags}\n`);
    writeFileSync(join(folder, name, 'netdev_group'), `${group}\n`);
  }
  return folder;
}

describe('listInterfaces', () => {
  it('puts together what Node and sysfs say', (context) => {
    const folder = sysfs(context, {
      lo: [1, '0x9', 0],
      eth0: [4, '0x1003', 5],
      eth1: [5, '0x1002', 0],
    });
    const listing = {
      lo: [{ address: '127.0.0.1' }],
      eth0: [{ address: '192.0.2.1' }, { address: 'fe80::1' }],
      'eth0:1': [{ address: '192.0.2.2' }, { address: '192.0.2.1' }],
    };
    const table = listInterfaces(() => listing, folder);
    const show = [...table.interfaces]
      .sort((one, other) => one.index - other.index)
      .map((one) => `${one.index} ${one.name} ${one.group} ${one.isUp} ${one.addresses.join(' ')}`);
    assert.deepEqual(show, [
      '1 lo 0 true 127.0.0.1',
      '4 eth0 5 true 192.0.2.1 fe80::1 192.0.2.2',
      '5 eth1 0 false ',
    ]);
  });

  it('goes without sysfs: no index belongs to a packet, and all that Node lists is up', () => {
    const table = listInterfaces(() => ({ en0: [{ address: '192.0.2.1' }] }), '/nonexistent');
    const [only] = table.interfaces;
    assert.equal(only?.isUp, true);
    assert.ok(only.index < 0);
    assert.ok(table.isOwn(IpAddress.parse('192.0.2.1')));
  });

  it('knows nothing where nobody may ask', () => {
    const forbidden = (): never => {
      throw new Error('uv_interface_addresses returned Unknown system error 13');
    };
    assert.deepEqual(listInterfaces(forbidden, '/nonexistent').interfaces, []);
  });

  it('knows this machine', () => {
    const loopback = listInterfaces().interfaces.find(({ addresses }) =>
      addresses.some((address) => String(address) === '127.0.0.1'),
    );
    assert.ok(loopback?.isUp);
  });
});
