import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { describe, it } from 'node:test';
import { IpAddress } from './ip-address.ts';
import { SHOWN, shownValues } from './shown.ts';
import { SocketAddress } from './socket-address.ts';
import { Subnet } from './subnet.ts';

class Example {
  readonly own = 1;
  #hidden = 2;

  get given(): number {
    return this.#hidden;
  }

  set given(value: number) {
    this.#hidden = value;
  }

  method(): void {
    this.#hidden = 0;
  }

  [SHOWN](): object {
    return shownValues(this);
  }
}

describe('what the console shows', () => {
  it('has the fields and the getters of an object', () => {
    assert.equal(inspect(new Example()), '{ own: 1, given: 2 }');
  });

  it('has what a getter throws in the place of its value', () => {
    class Undecided {
      readonly own = 1;

      get given(): number {
        throw new Error('nobody can say');
      }
    }
    const { own, given } = shownValues(new Undecided());
    assert.equal(own, 1);
    assert.match(String(given), /nobody can say/);
  });

  it('has addresses as people write them', () => {
    assert.equal(inspect(IpAddress.parse('2001:db8::1')), 'IpAddress 2001:db8::1');
    assert.equal(inspect(SocketAddress.parse('192.0.2.1:80')), 'SocketAddress 192.0.2.1:80');
    assert.equal(inspect(Subnet.parse('192.0.2.0/24')), 'Subnet 192.0.2.0/24');
  });
});
