import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Port } from './engine.ts';
import { partnerOf, routesOf } from './relay-routes.ts';

const BOTH = { copyToServer: true, copyToClient: true };

function shown(copied: typeof BOTH, child: 'direct' | 'stacked'): string[] {
  return routesOf(copied, child).map(({ from, to }) => `${from} -> ${to}`);
}

describe('routesOf()', () => {
  it('goes straight across without a child', () => {
    assert.deepEqual(shown(BOTH, 'direct'), ['client -> server', 'server -> client']);
    assert.deepEqual(shown({ ...BOTH, copyToServer: false }, 'direct'), ['server -> client']);
  });

  it('goes through a child, each direction by itself', () => {
    const toServer = ['client -> stack-client', 'stack-server -> server'];
    const toClient = ['server -> stack-server', 'stack-client -> client'];
    assert.deepEqual(shown(BOTH, 'stacked'), [...toServer, ...toClient]);
    assert.deepEqual(shown({ ...BOTH, copyToClient: false }, 'stacked'), toServer);
    assert.deepEqual(shown({ ...BOTH, copyToServer: false }, 'stacked'), toClient);
    assert.deepEqual(shown({ copyToServer: false, copyToClient: false }, 'stacked'), []);
  });
});

describe('partnerOf()', () => {
  it('is where an end goes', () => {
    const ports: readonly Port[] = ['client', 'server', 'stack-client', 'stack-server', 'server#1'];
    assert.deepEqual(
      ports.map((port) => partnerOf(port, 'direct')),
      ['server', 'client', undefined, undefined, undefined],
    );
    assert.deepEqual(
      ports.map((port) => partnerOf(port, 'stacked')),
      ['stack-client', 'stack-server', 'client', 'server', undefined],
    );
  });
});
