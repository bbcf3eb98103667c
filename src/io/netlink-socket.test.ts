import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { needsDriver, testLibc } from '../../test/support/driver-needs.ts';
import { dumpRequest, parseNetlink } from './netlink-message.ts';
import { NetlinkSocket } from './netlink-socket.ts';

/** A socket, and that it is given back. */
function open(context: { after(call: () => void): void }): NetlinkSocket {
  const socket = new NetlinkSocket(testLibc(), 'answers');
  context.after(() => socket.close());
  return socket;
}

describe('NetlinkSocket', needsDriver(), () => {
  it('asks the kernel and takes its answer at once', (context) => {
    const socket = open(context);
    assert.equal(socket.receive(), 'nothing');
    socket.send(dumpRequest('links', 7));
    const received = socket.receive();
    assert.ok(received instanceof Uint8Array);
    const names = parseNetlink(received).flatMap((one) => (one.type === 'link' ? one.name : []));
    assert.ok(names.includes('lo'));
  });

  it('says what the system says', () => {
    const libc = { ...testLibc(), connect: (): number => testLibc().close(-1) };
    assert.throws(() => new NetlinkSocket(libc, 'news'), /interfaces: the system says EBADF$/);
    const lost = { ...testLibc(), recvmsg: (): number => -1, errno: (): number => 105 };
    const socket = new NetlinkSocket(lost, 'answers');
    assert.equal(socket.receive(), 'lost');
    socket.close();
  });

  it('reads nothing that is not from the kernel', () => {
    const real = testLibc();
    let calls = 0;
    const libc = {
      ...real,
      recvmsg: (descriptor: number, message: number, flags: number): number => {
        calls++;
        if (calls > 1) return real.recvmsg(descriptor, message, flags);
        new DataView(real.view(message, 96)).setUint32(68, 4711, true); // nl_pid of the sender
        return 20;
      },
    };
    const socket = new NetlinkSocket(libc, 'answers');
    assert.equal(socket.receive(), 'nothing');
    assert.equal(calls, 2);
    socket.close();
  });

  it('calls when something has come, and is quiet once it is closed', async () => {
    const socket = new NetlinkSocket(testLibc(), 'answers');
    const { promise, resolve } = Promise.withResolvers<undefined>();
    socket.onReadable(() => resolve(undefined));
    const awake = setInterval(() => undefined, 1_000); // the watch keeps nothing alive
    socket.send(dumpRequest('addresses', 1));
    await promise;
    clearInterval(awake);
    socket.close();
  });
});
