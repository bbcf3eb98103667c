// HTTP connections that are kept when a policy goes: they must not keep it for ever.
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { needs } from '../support/needs.ts';
import { Site } from '../support/system-site.ts';
import type { Owner } from '../support/system-process.ts';
import { serve } from '../support/system-tcp.ts';
import { until } from '../support/system-wait.ts';

const PAGE = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npage';

/** An explicit proxy that polices plain HTTP in tunnels, too; the comment makes each text another revision. */
function gatewayPolicy(port: number, comment = ''): string {
  return `// ${comment}
import { accept, definePolicy, httpProxy, inbandRouter, listener, service, zone } from 'zorp';
const pages = service('pages', { proxy: httpProxy({ request: { GET: accept() }, targetPorts: [${port}] }) });
const proxy = httpProxy({ mode: 'explicit', targetPorts: [${port}], connect: { ${port}: pages } });
const gateway = service('gateway', { proxy, router: inbandRouter(), destinationGuard: 'off' });
const all = [gateway, pages];
const machine = zone('machine', { subnets: ['127.0.0.1'], outboundServices: all, inboundServices: all });
export default definePolicy({ zones: [machine], listeners: [listener('127.0.0.1:0', gateway, { name: 'gateway' })] });
`;
}

/** A server that answers each request with a page, but for those that it holds until the test says so. */
class HeldServer {
  readonly port: number;
  readonly #held: readonly Socket[];

  constructor(port: number, held: readonly Socket[]) {
    this.port = port;
    this.#held = held;
  }

  static async start(owner: Owner): Promise<HeldServer> {
    const held: Socket[] = [];
    const { port } = await serve(owner, (socket) => {
      socket.on('data', (bytes) => {
        if (bytes.toString('latin1').startsWith('GET /held ')) held.push(socket);
        else socket.write(PAGE);
      });
      socket.on('end', () => socket.end());
    });
    return new HeldServer(port, held);
  }

  async holds(): Promise<void> {
    await until('the request to be held', () => this.#held.length > 0 || undefined);
  }

  letGo(): void {
    for (const socket of this.#held) socket.write(PAGE);
  }
}

/** A client that keeps its connection. */
class KeptClient {
  received = '';
  readonly #socket: Socket;
  #ended = '';

  constructor(owner: Owner, port: number) {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('data', (bytes) => (this.received += bytes.toString('latin1')));
    socket.on('end', () => (this.#ended = 'end'));
    socket.on('error', (error: NodeJS.ErrnoException) => (this.#ended = error.code ?? ''));
    owner.after(() => {
      socket.destroy();
      return Promise.resolve();
    });
    this.#socket = socket;
  }

  say(text: string): void {
    this.#socket.write(text);
  }

  /** Says something, and waits for an answer like this. */
  async ask(text: string, answer: RegExp): Promise<void> {
    this.received = '';
    this.say(text);
    await until('an answer', () => answer.test(this.received) || undefined, {
      seen: () => this.received,
    });
  }

  /** How it ended. */
  ended(): Promise<string> {
    return until('the end of a connection', () => this.#ended || undefined);
  }
}

interface Scene {
  readonly server: HeldServer;
  readonly site: Site;
  /** Has had its answer. */
  readonly idle: KeptClient;
  /** Has had one through a tunnel. */
  readonly inTunnel: KeptClient;
  /** Waits for one. */
  readonly busy: KeptClient;
}

async function startScene(owner: Owner): Promise<Scene> {
  const server = await HeldServer.start(owner);
  const { port } = server;
  const site = await Site.open(owner, gatewayPolicy(port));
  const client = (): KeptClient => new KeptClient(owner, site.port);
  const [idle, inTunnel, busy] = [client(), client(), client()];
  const host = `127.0.0.1:${port}`;
  const get = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
  await idle.ask(get(`http://${host}/`), /page$/);
  await inTunnel.ask(
    `CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    /^HTTP\/1.1 200 [^]*\r\n\r\n$/,
  );
  await inTunnel.ask(get('/'), /page$/);
  busy.say(get(`http://${host}/held`));
  await server.holds();
  return { server, site, idle, inTunnel, busy };
}

/** The idle ones end at once; who is in work has its answer, which says that it is the last. */
async function endsBetweenRequests({ server, idle, inTunnel, busy }: Scene): Promise<void> {
  assert.deepEqual([await idle.ended(), await inTunnel.ended()], ['end', 'end']);
  server.letGo();
  assert.equal(await busy.ended(), 'end');
  assert.match(busy.received, /Connection: close\r\n[^]*page$/);
}

describe('HTTP connections that are kept', { ...needs('setpriv'), timeout: 60_000 }, () => {
  it('end between two requests when another policy comes, in tunnels too', async (t) => {
    const scene = await startScene(t);
    await scene.site.reload(gatewayPolicy(scene.server.port, 'another'), 'policy.reloaded');
    await endsBetweenRequests(scene);
    const { zorp } = scene.site;
    const records = [await zorp.record(), await zorp.record(), await zorp.record()];
    assert.equal(new Set(records.map(({ revision }) => revision)).size, 1);
    assert.deepEqual(new Set(records.map(({ verdict }) => verdict)), new Set(['accepted']));
  });

  it('end between two requests when the instance ends', async (t) => {
    const scene = await startScene(t);
    scene.site.zorp.process.signal('SIGTERM');
    await endsBetweenRequests(scene);
    assert.equal((await scene.site.zorp.process.end()).status, 0);
  });
});
