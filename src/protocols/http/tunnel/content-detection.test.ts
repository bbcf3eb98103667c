import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ProxyAction } from '../../../proxy/engine.ts';
import { service } from '../../../policy/service.ts';
import { plugProxy } from '../../plug/index.ts';
import { sshDetector } from '../../ssh/index.ts';
import { tlsDetector } from '../../tls/index.ts';
import { isForDetection, TunnelDetection } from './content-detection.ts';

const tls = service('tls', { proxy: plugProxy() });
const ssh = service('ssh', { proxy: plugProxy() });
const other = service('other', { proxy: plugProxy() });
const tlsLine = { detector: tlsDetector(), service: tls };
const sshLine = { detector: sshDetector(), service: ssh };

const HELLO = Buffer.from('1603010200010001fc0303', 'hex');
const BANNER = Buffer.from('SSH-2.0-OpenSSH_9.2\r\n');

describe('TunnelDetection', () => {
  it('finds the service for what the client says, in whatever pieces', () => {
    const one = new TunnelDetection({ detect: [tlsLine, sshLine] });
    assert.equal(one.received('client', HELLO.subarray(0, 4)), 'undecided');
    assert.equal(one.received('client', HELLO.subarray(4)), tls);
    assert.deepEqual(Buffer.from(one.bytesOf('client')), HELLO);
    assert.equal(one.bytesOf('server').length, 0);
  });

  it('gives the rest to the service for the rest, or to none', () => {
    const get = Buffer.from('GET / HTTP/1.1\r\n');
    const detect = [tlsLine];
    assert.equal(new TunnelDetection({ detect, service: other }).received('client', get), other);
    assert.equal(new TunnelDetection({ detect }).received('client', get), 'none');
    assert.equal(new TunnelDetection({ detect }).ended('client'), 'none');
  });

  it('hears the server if the client is silent and one that speaks first is possible', () => {
    const out: ProxyAction[] = [];
    const one = new TunnelDetection({ detect: [tlsLine, sshLine] });
    one.begin(out);
    assert.deepEqual(out, [{ type: 'timer', timer: 'http', afterMs: 500, mode: 'total' }]);
    assert.equal(one.elapsed(out), 'undecided');
    assert.deepEqual(out.slice(1), [
      { type: 'timer', timer: 'http', afterMs: 4_500, mode: 'total' },
      { type: 'release', from: 'server' },
    ]);
    assert.equal(one.received('server', BANNER), ssh);
    assert.deepEqual(Buffer.from(one.bytesOf('server')), BANNER);
  });

  it('ends after a time, and after many bytes', () => {
    const out: ProxyAction[] = [];
    const quiet = new TunnelDetection({ detect: [tlsLine], service: other });
    quiet.begin(out);
    assert.deepEqual(out, [{ type: 'timer', timer: 'http', afterMs: 5_000, mode: 'total' }]);
    assert.equal(quiet.elapsed(out), other);
    const endless = {
      ...tlsDetector(),
      detect: (_side: string, _bytes: Uint8Array, { isComplete }: { isComplete: boolean }) =>
        isComplete ? ('no-match' as const) : ('undecided' as const),
    };
    const flooded = new TunnelDetection({ detect: [{ detector: endless, service: tls }] });
    assert.equal(flooded.received('client', Buffer.alloc(65_535)), 'undecided');
    assert.equal(flooded.received('client', Buffer.alloc(1)), 'none');
  });

  it('shows no detector more than it would in a rule, and keeps what is beyond', () => {
    const shown: number[] = [];
    const counting = {
      ...tlsDetector(),
      detect: (_side: string, bytes: Uint8Array) => {
        shown.push(bytes.length);
        return 'match' as const;
      },
    };
    const one = new TunnelDetection({ detect: [{ detector: counting, service: tls }] });
    assert.equal(one.received('client', Buffer.alloc(65_537)), tls);
    assert.deepEqual(shown, [65_536]);
    assert.equal(one.bytesOf('client').length, 65_537);
  });
});

describe('isForDetection()', () => {
  it('is true for bytes, ends and time', () => {
    const traffic = {
      fromClient: 0,
      fromServer: 0,
      toClient: 0,
      clientWaits: false,
      clientIsFull: false,
    };
    assert.ok(isForDetection({ type: 'received', from: 'server', bytes: HELLO }));
    assert.ok(isForDetection({ type: 'ended', from: 'client' }));
    assert.ok(isForDetection({ type: 'elapsed', timer: 'http', traffic }));
    assert.ok(!isForDetection({ type: 'stacked' }));
  });
});
