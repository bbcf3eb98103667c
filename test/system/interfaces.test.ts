// Binds that follow an interface or a group, on real interfaces that change while Zorp runs.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { needs } from '../support/needs.ts';
import { succeed } from '../support/network-lab.ts';
import { LAB_NEEDS, Lab } from '../support/system-lab.ts';
import { suiteOwner } from '../support/system-process.ts';
import { until } from '../support/system-wait.ts';
import type { LoggedLine } from '../support/system-zorp.ts';
import { RunningZorp } from '../support/system-zorp.ts';

const POLICY = `
import {
  definePolicy, directedRouter, httpProxy, inbandRouter, interfaceBind, interfaceGroupBind, listener, plugProxy, service, zone,
} from 'zorp';

const echo = service('echo', {
  proxy: plugProxy(),
  router: directedRouter({ destination: '127.0.0.1:7000' }),
});
const web = service('web', { proxy: httpProxy({ mode: 'explicit', targetPorts: '3128' }), router: inbandRouter() });
const all = zone('all', {
  subnets: ['0.0.0.0/0', '::/0', '127.0.0.0/8'],
  outboundServices: [echo, web],
  inboundServices: [echo, web],
});
const inside = [
  interfaceBind('inside0', { port: 8001 }),
  interfaceBind('inside0', { port: 8001, family: 'ipv6' }),
];

export default definePolicy({
  zones: [all],
  listeners: [
    listener('127.0.0.1:9000', echo, { name: 'fixed' }),
    listener(inside, echo, { name: 'inside' }),
    listener(interfaceGroupBind('dmz', { port: 8002 }), echo, { name: 'dmz' }),
    listener('10.7.0.77:8001', echo, { name: 'named' }),
    listener('0.0.0.0:3128', web, { name: 'web' }),
  ],
});
`;

describe('binds that follow an interface', needs(...LAB_NEEDS, 'socat', 'curl'), () => {
  const owner = suiteOwner();
  let lab: Lab;
  let zorp: RunningZorp;

  before(async () => {
    lab = await Lab.open(owner, { addresses: ['10.7.0.77'] });
    const groups = lab.write('group', '0 default\n42 dmz\n');
    await succeed(lab, [
      'mkdir -p /etc/iproute2 && touch /etc/iproute2/group',
      `mount --bind ${groups} /etc/iproute2/group`,
      'ip link add inside0 type veth peer name peer0',
      'ip link set inside0 up && ip link set peer0 up',
    ]);
    const service = 'TCP-LISTEN:7000,bind=127.0.0.1,fork,reuseaddr';
    lab.start(['socat', service, 'EXEC:cat']);
    const policy = lab.write('policy.ts', POLICY);
    zorp = await RunningZorp.start(owner, policy, { inside: (command) => lab.inside(command) });
  });

  /** What opened, closed and failed since the last call, as `+address`, `-address`, `!address`. */
  let taken = 0;
  const marks = new Map([
    ['instance.listening', '+'],
    ['instance.closed', '-'],
    ['listener.follow-failed', '!'],
  ]);
  const isEvent = ({ code }: LoggedLine): boolean => marks.has(code);
  const events = (): readonly string[] =>
    zorp.lines
      .filter(isEvent)
      .map(({ code, fields }) => `${marks.get(code) ?? ''}${String(fields?.['address'])}`);

  /** Changes interfaces, and waits for what comes of it, in any order. */
  async function change(script: readonly string[], expected: readonly string[]): Promise<void> {
    await succeed(lab, script);
    const wanted = [...expected].sort();
    await until(
      `${script.join('; ')}: ${expected.slice(0, 5).join(' ')}`,
      () => JSON.stringify(events().slice(taken).sort()) === JSON.stringify(wanted) || undefined,
      { seen: () => events().slice(taken).slice(-5).join(' ') },
    );
    taken += expected.length;
  }

  async function ask(address: string): Promise<string> {
    const target = `TCP:${address},connect-timeout=1`;
    const { status, stdout, stderr } = await lab.run(['socat', '-t5', '-', target], 'hello\n');
    return status === 0 ? stdout : (/: ([^:]+)$/.exec(stderr.trim())?.[1] ?? stderr);
  }

  it('says at the start which listen nowhere, and why', async () => {
    taken = 3; // the addresses that the policy names
    const said = await until('two lines', () => {
      const lines = zorp.lines.filter(({ code }) => code === 'listener.follows-nothing');
      return lines.length === 3 ? lines.map(({ message }) => message) : undefined;
    });
    assert.match(said.join('\n'), /inside0:8001 now, because inside0 has no usable IPv4 address/);
    assert.match(said.join('\n'), /group-dmz:8002 now, because no interface is in group dmz/);
  });

  it('listens on addresses as they come and go', async () => {
    await change(
      ['ip addr add 10.7.0.1/24 dev inside0', 'ip addr add 10.7.0.2/24 dev inside0'],
      ['+10.7.0.1:8001', '+10.7.0.2:8001'],
    );
    assert.equal(await ask('10.7.0.2:8001'), 'hello\n');
    await change(['ip addr del 10.7.0.2/24 dev inside0'], ['-10.7.0.2:8001']);
    assert.notEqual(await ask('10.7.0.2:8001'), 'hello\n');
    assert.equal(await ask('10.7.0.1:8001'), 'hello\n');
  });

  it('leaves sessions alone: one goes on when its address is there again', async () => {
    const client = lab.start(['sh', '-c', '{ echo first; cat; } | socat -t5 - TCP:10.7.0.1:8001']);
    await client.says(/first/);
    await change(['ip addr del 10.7.0.1/24 dev inside0'], ['-10.7.0.1:8001']);
    await change(['ip addr add 10.7.0.1/24 dev inside0'], ['+10.7.0.1:8001']);
    client.feed('second\n');
    await client.says(/second/);
    await client.end();
  });

  it('goes with a link that is set down and up, and with one that is renamed', async () => {
    await change(['ip link set inside0 down'], ['-10.7.0.1:8001']);
    await change(['ip link set inside0 up'], ['+10.7.0.1:8001']);
    const rename = (from: string, to: string): readonly string[] => [
      `ip link set ${from} down`,
      `ip link set ${from} name ${to}`,
      `ip link set ${to} up`,
    ];
    await change(rename('inside0', 'other0'), ['-10.7.0.1:8001']);
    assert.equal(await ask('10.7.0.1:8001'), 'Connection refused');
    await change(rename('other0', 'inside0'), ['+10.7.0.1:8001']);
  });

  it('goes with the group of an interface, whose name the machine knows', async () => {
    await change(['ip link set inside0 group 42'], ['+10.7.0.1:8002']);
    assert.equal(await ask('10.7.0.1:8002'), 'hello\n');
    await change(['ip link set inside0 group default'], ['-10.7.0.1:8002']);
    assert.equal(await ask('10.7.0.1:8002'), 'Connection refused');
  });

  it('lets no client reach the firewall itself by an address that came later', async () => {
    const web = ['curl', '-s', '-x', 'http://127.0.0.1:3128', 'http://10.7.0.1:3128/'] as const;
    const taken = zorp.records.length;
    await lab.run(web);
    const record = await until('a record', () => zorp.records[taken]);
    assert.deepEqual([record.listener, record.reason], ['web', 'route.loop']);
  });

  it('leaves an address to the listener that names it', async () => {
    await change(
      ['ip addr add 10.7.0.77/24 dev inside0', 'ip addr add 10.7.0.3/24 dev inside0'],
      ['+10.7.0.3:8001'],
    );
    assert.equal(await ask('10.7.0.77:8001'), 'hello\n');
    assert.equal((await zorp.record()).listener, 'inside');
    await change(
      ['ip addr del 10.7.0.77/24 dev inside0', 'ip addr del 10.7.0.3/24 dev inside0'],
      ['-10.7.0.3:8001'],
    );
  });

  it('waits until an IPv6 address is known to be free', async () => {
    await change(['ip addr add fd07::1/64 dev inside0'], ['+[fd07::1]:8001']);
    assert.equal(await ask('[fd07::1]:8001'), 'hello\n');
    await change(['ip addr del fd07::1/64 dev inside0'], ['-[fd07::1]:8001']);
  });

  it('tries again where another program has the port', async () => {
    const other = lab.start([
      'socat',
      '-d',
      '-d',
      'TCP-LISTEN:8001,bind=10.7.0.4,ip-freebind',
      '-',
    ]);
    await other.says(/listening on/);
    await change(['ip addr add 10.7.0.4/24 dev inside0'], ['!10.7.0.4:8001']);
    await other.stop();
    await change(['true'], ['+10.7.0.4:8001']);
    await change(['ip addr del 10.7.0.4/24 dev inside0'], ['-10.7.0.4:8001']);
  });

  it('asks for the whole where the kernel told more than there was room for', async () => {
    const noise = Array.from({ length: 3_000 }, (_, index) => {
      const address = `10.9.${index >> 8}.${index & 255}/32 dev peer0`;
      return `addr add ${address}\naddr del ${address}\n`;
    });
    writeFileSync(`${lab.folder}/noise`, noise.join(''));
    process.kill(zorp.pid, 'SIGSTOP');
    await succeed(lab, [`ip -batch ${lab.folder}/noise`, 'ip addr add 10.7.0.5/24 dev inside0']);
    process.kill(zorp.pid, 'SIGCONT');
    await change(['true'], ['+10.7.0.5:8001']);
    await change(['ip addr del 10.7.0.5/24 dev inside0'], ['-10.7.0.5:8001']);
  });

  it('keeps its sockets on a reload', async () => {
    process.kill(zorp.pid, 'SIGHUP');
    await zorp.says('policy.reloaded');
    await change(['true'], []);
    assert.equal(await ask('10.7.0.1:8001'), 'hello\n');
  });

  it('listens on 256 addresses of an interface, and on another one when one of them goes', async () => {
    const addresses = Array.from(
      { length: 260 },
      (_, index) => `10.8.${index >> 8}.${index & 255}`,
    );
    writeFileSync(
      `${lab.folder}/batch`,
      addresses.map((one) => `addr add ${one}/16 dev inside0\n`).join(''),
    );
    const counted = addresses.slice(0, 255).map((one) => `+${one}:8001`); // and 10.7.0.1
    await succeed(lab, ['ip -6 addr flush dev inside0']);
    await change([`ip -batch ${lab.folder}/batch`], counted);
    await zorp.says('interfaces.too-many-addresses');
    assert.equal(await ask('10.8.0.254:8001'), 'hello\n');
    assert.equal(await ask('10.8.1.0:8001'), 'Connection refused');
    await change(['ip addr del 10.7.0.1/24 dev inside0'], ['-10.7.0.1:8001', '+10.8.0.255:8001']);
    await change(
      ['ip link del inside0'],
      [...addresses.slice(0, 256).map((one) => `-${one}:8001`)],
    );
  });
});
