import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { datagramDriver } from '../../test/support/datagram-lab.ts';
import { needsDriver } from '../../test/support/driver-needs.ts';
import { SocketAddress } from '../address/socket-address.ts';
import { peerWords } from './datagram-memory.ts';
import { openDatagramSocket, setSocketOption, transparentOption } from './datagram-socket.ts';
import type { OpenedDatagramSocket } from './datagram-socket.ts';
import * as linux from './linux-constants.ts';
import { needs } from '../../test/support/needs.ts';

const REUSE = [linux.SOL_SOCKET, linux.SO_REUSEADDR, 1] as const;

function open(text: string, request: object = {}): OpenedDatagramSocket {
  const family = SocketAddress.parse(text);
  return openDatagramSocket(datagramDriver(), {
    family,
    options: [],
    bind: peerWords(family),
    ...request,
  });
}

describe('openDatagramSocket()', needsDriver(), () => {
  it('binds, connects, and says where the socket is', () => {
    const { libc } = datagramDriver();
    for (const host of ['127.0.0.1', '[::1]']) {
      const one = open(`${host}:0`);
      assert.ok(one.ok);
      assert.equal(String(one.local), `${host}:${one.local.port}`);
      assert.ok(one.local.port > 0);
      const other = open(`${host}:0`, { bind: undefined, connect: peerWords(one.local) });
      assert.ok(other.ok);
      assert.equal(String(other.local.address), String(one.local.address));
      for (const { descriptor } of [one, other]) libc.close(descriptor);
    }
  });

  it('fails with a code, and leaves nothing open', () => {
    const count = (): number => readdirSync('/proc/self/fd').length;
    const taken = open('127.0.0.1:0');
    assert.ok(taken.ok);
    const before = count();
    const again = open(String(taken.local));
    assert.deepEqual(again, { ok: false, error: 'EADDRINUSE' });
    assert.deepEqual(open('192.0.2.1:0'), { ok: false, error: 'EADDRNOTAVAIL' });
    const options = [[linux.SOL_SOCKET, 9999, 1]];
    assert.deepEqual(open('127.0.0.1:0', { options }), { ok: false, error: 'ENOPROTOOPT' });
    assert.equal(count(), before);
    datagramDriver().libc.close(taken.descriptor);
  });

  it('shares a port where every socket there permits it', () => {
    const system = datagramDriver();
    const one = open('127.0.0.1:0');
    assert.ok(one.ok);
    assert.equal(setSocketOption(system, one.descriptor, REUSE), 0);
    const other = open(String(one.local), { options: [REUSE] });
    assert.ok(other.ok);
    for (const { descriptor } of [one, other]) system.libc.close(descriptor);
  });

  it('may be at an address of somebody else, with the privilege', needs('root'), () => {
    for (const text of ['192.0.2.1:0', '[2001:db8::1]:0']) {
      const options = [transparentOption(SocketAddress.parse(text))];
      const opened = open(text, { options });
      assert.ok(opened.ok);
      assert.equal(String(opened.local.withPort(0)), text);
      datagramDriver().libc.close(opened.descriptor);
    }
  });
});
