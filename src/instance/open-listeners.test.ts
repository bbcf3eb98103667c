import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SocketAddress } from '../address/socket-address.ts';
import { linkPair } from '../io/link-stream.ts';
import { listener } from '../policy/listener.ts';
import { receiver } from '../policy/receiver.ts';
import { denyService } from '../policy/service.ts';
import type { Accepted } from '../session/outside.ts';
import type { OpenListener } from './open-listeners.ts';
import { OpenListeners } from './open-listeners.ts';

const nothing = denyService('nothing');

/** A system with ports that can be taken, and that tells what is open. */
class Ports {
  readonly open = new Map<string, (connection: Accepted) => void>();
  readonly taken = new Set<string>();
  readonly log: string[] = [];
  #nextPort = 40_000;

  readonly opener: OpenListener = ({ bind, protocol }, accepted) => {
    const address = bind.port === 0 ? bind.withPort(this.#nextPort++) : bind;
    const key = protocol === 'udp' ? `${String(address)}/udp` : String(address);
    if (this.taken.has(key)) return Promise.reject(new Error(`${key} is taken`));
    this.open.set(key, accepted);
    this.log.push(`open ${key}`);
    const close = (): void => {
      this.open.delete(key);
      this.log.push(`close ${key}`);
    };
    return Promise.resolve({ address, close });
  };
}

function connection(): Accepted {
  const [stream] = linkPair(1);
  const address = SocketAddress.parse('192.0.2.7:4711');
  return { stream, clientAddress: address, clientLocal: address };
}

function neverAccepted(): void {
  assert.fail('nothing connects here');
}

describe('OpenListeners', () => {
  it('gives connections to the listener of the latest policy', async () => {
    const ports = new Ports();
    const seen: string[] = [];
    const listeners = new OpenListeners(
      ports.opener,
      (taker) => void seen.push(taker?.name ?? 'nobody'),
    );
    const bind = '127.0.0.1:80';
    await listeners.replace([listener(bind, nothing, { name: 'old' })], () => undefined);
    const accepted = ports.open.get(bind);
    accepted?.(connection());
    await listeners.replace([listener(bind, nothing, { name: 'new' })], () => undefined);
    accepted?.(connection());
    assert.deepEqual(seen, ['old', 'new']);
    assert.deepEqual(ports.log, ['open 127.0.0.1:80']);
  });

  it('opens what is new before it closes what is gone, and commits between the two', async () => {
    const ports = new Ports();
    const listeners = new OpenListeners(ports.opener, neverAccepted);
    await listeners.replace([listener(['127.0.0.1:1', '127.0.0.1:2'], nothing)], () => undefined);
    await listeners.replace([listener(['127.0.0.1:2', '127.0.0.1:3'], nothing)], () => {
      ports.log.push('commit');
    });
    assert.deepEqual(ports.log.slice(2), ['open 127.0.0.1:3', 'commit', 'close 127.0.0.1:1']);
    assert.deepEqual(listeners.addresses, ['127.0.0.1:2', '127.0.0.1:3']);
  });

  it('changes nothing when one address cannot be opened', async () => {
    const ports = new Ports();
    const listeners = new OpenListeners(ports.opener, neverAccepted);
    await listeners.replace([listener('127.0.0.1:1', nothing)], () => undefined);
    ports.taken.add('127.0.0.1:3');
    const next = listener(['127.0.0.1:2', '127.0.0.1:3'], nothing);
    await assert.rejects(
      listeners.replace([next], () => assert.fail('not committed')),
      /127\.0\.0\.1:3 is taken/,
    );
    assert.deepEqual([...ports.open.keys()], ['127.0.0.1:1']);
    assert.deepEqual(listeners.addresses, ['127.0.0.1:1']);
  });

  it('keeps the kernel-chosen ports of listeners with port 0 apart', async () => {
    const ports = new Ports();
    const listeners = new OpenListeners(ports.opener, neverAccepted);
    const one = listener('127.0.0.1:0', nothing, { name: 'one' });
    const two = listener('127.0.0.1:0', nothing, { name: 'two' });
    await listeners.replace([one, two], () => undefined);
    assert.deepEqual(listeners.addresses, ['127.0.0.1:40000', '127.0.0.1:40001']);
  });

  it('knows which addresses it has', async () => {
    const ports = new Ports();
    const listeners = new OpenListeners(ports.opener, neverAccepted);
    const binds = ['127.0.0.1:1', '0.0.0.0:2', '127.0.0.1:0'];
    await listeners.replace([listener(binds, nothing)], () => undefined);
    const has = (text: string) => listeners.listensAt(SocketAddress.parse(text));
    assert.deepEqual(['127.0.0.1:1', '192.0.2.1:2', '127.0.0.1:40000'].map(has), [
      true,
      true,
      true,
    ]);
    assert.deepEqual(['127.0.0.2:1', '[::1]:2', '127.0.0.1:0'].map(has), [false, false, false]);
  });

  it('has a TCP and a UDP port of the same number, and tells which is which', async () => {
    const ports = new Ports();
    const seen: unknown[] = [];
    const listeners = new OpenListeners(ports.opener, (taker) => void seen.push(taker?.protocol));
    const both = [receiver('127.0.0.1:53', nothing), listener('127.0.0.1:53', nothing)];
    await listeners.replace(both, () => undefined);
    assert.deepEqual(listeners.addresses, ['127.0.0.1:53/udp', '127.0.0.1:53']);
    for (const accepted of ports.open.values()) accepted(connection());
    assert.deepEqual(seen, ['udp', 'tcp']);
    await listeners.replace(both.slice(0, 1), () => undefined);
    assert.equal(listeners.listensAt(SocketAddress.parse('127.0.0.1:53')), false);
    assert.deepEqual(ports.log.at(-1), 'close 127.0.0.1:53');
  });

  it('hands on what a listener accepted that is closed since, as of nobody', async () => {
    const ports = new Ports();
    const seen: unknown[] = [];
    const listeners = new OpenListeners(ports.opener, (taker) => void seen.push(taker));
    await listeners.replace([listener('127.0.0.1:1', nothing)], () => undefined);
    const accepted = ports.open.get('127.0.0.1:1');
    listeners.close();
    accepted?.(connection());
    assert.deepEqual(seen, [undefined]);
  });

  it('closes all', async () => {
    const ports = new Ports();
    const listeners = new OpenListeners(ports.opener, neverAccepted);
    await listeners.replace([listener(['127.0.0.1:1', '[::1]:1'], nothing)], () => undefined);
    listeners.close();
    assert.equal(ports.open.size, 0);
    assert.deepEqual(listeners.addresses, []);
  });
});
