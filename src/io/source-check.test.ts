// A connection from another address than the wanted one, or to another, is none.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SocketAddress } from '../address/socket-address.ts';
import { checkPeer, checkSource } from './source-check.ts';

const remote = SocketAddress.parse('[::ffff:192.0.2.1]:80');

function check(got: string | undefined, local: string | undefined, port = 0): string | undefined {
  const at = (text: string | undefined) => (text === undefined ? text : SocketAddress.parse(text));
  return checkSource(at(got), { remote, local: at(local), port });
}

describe('the check of a source', () => {
  it('takes what was asked for, and any where nothing was', () => {
    assert.equal(check('10.0.0.1:5000', undefined), undefined);
    assert.equal(check('10.0.0.1:5000', '10.0.0.1:5000', 5000), undefined);
    assert.equal(check('10.0.0.1:5000', '[::ffff:10.0.0.1]:0'), undefined);
    assert.equal(check('10.0.0.1:5000', '0.0.0.0:0'), undefined);
  });

  it('refuses another address, another port, and none', () => {
    assert.equal(check('10.0.0.2:5000', '10.0.0.1:0'), 'EADDRNOTAVAIL');
    assert.equal(check('10.0.0.1:5001', '10.0.0.1:5000', 5000), 'EADDRNOTAVAIL');
    assert.equal(check(undefined, undefined), 'EADDRNOTAVAIL');
  });

  it('refuses a socket that is joined with itself', () => {
    assert.equal(check('192.0.2.1:80', undefined), 'ECONNREFUSED');
  });
});

describe('the check of a peer', () => {
  it('takes only the server that was asked for', () => {
    const peer = (text: string): string | undefined => checkPeer(SocketAddress.parse(text), remote);
    assert.equal(peer('192.0.2.1:80'), undefined);
    assert.equal(peer('192.0.2.1:81'), 'EWRONGPEER');
    assert.equal(peer('127.0.0.1:80'), 'EWRONGPEER');
    assert.equal(checkPeer(undefined, remote), 'EWRONGPEER');
  });
});
