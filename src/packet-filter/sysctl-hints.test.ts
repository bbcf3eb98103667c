import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sysctlHints } from './sysctl-hints.ts';

const both = ['IPv4', 'IPv6'] as const;
function from(files: Readonly<Record<string, string>>) {
  return (path: string) => files[path];
}
const FORWARD = '/proc/sys/net/ipv4/ip_forward';
const FORWARD_6 = '/proc/sys/net/ipv6/conf/all/forwarding';
const VALID_MARK = '/proc/sys/net/ipv4/conf/all/src_valid_mark';
const FILTER = '/proc/sys/net/ipv4/conf/all/rp_filter';

describe('sysctlHints()', () => {
  it('names the command that lets packets be forwarded, where any are to be', () => {
    const read = from({ [FORWARD]: '0\n', [FORWARD_6]: '0\n' });
    assert.deepEqual(sysctlHints(read, { forwards: true, families: both }), [
      'net.ipv4.ip_forward is 0, and services of the packet filter forward nothing: run "sysctl -w net.ipv4.ip_forward=1"',
      'net.ipv6.conf.all.forwarding is 0, and services of the packet filter forward nothing: run "sysctl -w net.ipv6.conf.all.forwarding=1"',
    ]);
    assert.equal(sysctlHints(read, { forwards: true, families: ['IPv4'] }).length, 1);
    assert.deepEqual(sysctlHints(read, { forwards: false, families: both }), []);
    const good = from({ [FORWARD]: '1\n', [FORWARD_6]: '1\n' });
    assert.deepEqual(sysctlHints(good, { forwards: true, families: both }), []);
    assert.deepEqual(sysctlHints(from({}), { forwards: true, families: both }), []);
  });

  it('warns of source addresses that are checked by the mark', () => {
    const hints = (mark: string, filter: string): string[] =>
      sysctlHints(from({ [VALID_MARK]: mark, [FILTER]: filter }), {
        ...{ forwards: false, families: both },
      });
    assert.match(hints('1\n', '2\n')[0] ?? '', /"sysctl -w net\.ipv4\.conf\.all\.rp_filter=0"$/);
    assert.deepEqual([hints('1', '0'), hints('0', '1')], [[], []]);
  });
});
