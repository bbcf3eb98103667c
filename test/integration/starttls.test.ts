// STARTTLS with real peers: openssl, aiosmtpd, and those that say in plain text what should be taken for something said inside of TLS.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { connect as connectTls, TLSSocket } from 'node:tls';
import type { DecisionRecord } from '../../src/log/decision-record.ts';
import { freePort } from '../support/free-port.ts';
import { needs } from '../support/needs.ts';
import { runCommand } from '../support/system-cli.ts';
import type { Command } from '../support/system-process.ts';
import { run, suiteOwner, SystemProcess } from '../support/system-process.ts';
import { serve } from '../support/system-tcp.ts';
import { until } from '../support/system-wait.ts';
import { RunningZorp } from '../support/system-zorp.ts';
import type { MadeCertificate } from '../support/test-authority.ts';
import { TestAuthority } from '../support/test-authority.ts';

const NAME = 'mail.example';
const INJECTED = 'MAIL FROM:<stranger@injected.example>\r\n';

/** A mail server, as it answers STARTTLS. */
type ServerKind = 'honest' | 'late' | 'injecting' | 'lying';

/** Ways of clients to a server: `detected` and `headed` are looked into before there is a proxy. */
type Way = ServerKind | 'detected' | 'headed' | 'tunnelled' | 'fake';

const WAYS: readonly Way[] = [
  ...(['honest', 'late', 'injecting', 'lying', 'detected', 'headed', 'tunnelled', 'fake'] as const),
];

/** The service of its records: a tunnel has those of who opened it. */
function recordedAs(way: Way): string {
  return way === 'tunnelled' ? 'gateway' : way;
}

function policyOf(ports: Readonly<Record<Way, number>>): string {
  const declared = WAYS.map((way) => {
    const encryption = way === 'fake' ? 'faking' : 'forwarding';
    return `const ${way} = service('${way}', {
  proxy: handIn, encryption: ${encryption}, router: directedRouter({ destination: '127.0.0.1:${ports[way]}' }),
});\n`;
  });
  const listeners = WAYS.map((way) => {
    const also = way === 'headed' ? `, proxyProtocol: { from: ['127.0.0.1'] }` : '';
    const made =
      way === 'tunnelled'
        ? `listener('127.0.0.1:0', gateway, `
        : way === 'detected'
          ? `ruleListener('127.0.0.1:0', `
          : `listener('127.0.0.1:0', ${way}, `;
    return `${made}{ name: '${way}'${also} }),\n`;
  });
  return `import {
  accept, customProxy, definePolicy, denyService, directedRouter, dynamicCertificate, fakeStartTlsEncryption, forwardStartTlsEncryption, httpProxy,
  listener, reject, rule, ruleListener, service, staticCertificate, tlsDetector, zone,
} from 'zorp';
function* readReply(server) {
  for (const lines = []; ; ) {
    const line = yield* server.readLine();
    if (line !== undefined) lines.push(line);
    if (line === undefined || line[3] !== '-') return lines;
  }
}
const handIn = customProxy('smtp', function* ({ client, server, connect, relay }) {
  yield* connect();
  for (const line of yield* readReply(server)) client.sendLine(line);
  for (;;) {
    const command = yield* client.readLine();
    if (command === undefined) return accept();
    if (command === 'STARTTLS') {
      if (server.canStartTls) {
        server.sendLine(command);
        const [answer = ''] = yield* readReply(server);
        if (!answer.startsWith('220')) return reject('No TLS');
        yield* server.startTls();
      }
      client.sendLine('220 Go ahead');
      yield* client.startTls();
      yield* relay();
      return accept();
    }
    server.sendLine(command);
    for (const line of yield* readReply(server)) client.sendLine(line);
  }
});
const servers = { serverName: '${NAME}', serverVerify: { authorities: 'authority.pem' } };
const forwarding = forwardStartTlsEncryption({
  ...servers,
  clientCertificate: staticCertificate({ certificate: 'zorp.pem', privateKey: 'zorp.key' }),
});
const faking = fakeStartTlsEncryption({
  ...servers,
  clientCertificate: dynamicCertificate({ authority: { certificate: 'ca/trusted.pem', privateKey: 'ca/trusted.key' } }),
});
const none = denyService('none', { reply: 'tcp-reset' });
${declared.join('')}
const gateway = service('gateway', {
  proxy: httpProxy({ mode: 'explicit', request: { CONNECT: accept() }, connect: tunnelled }),
  router: directedRouter({ destination: '127.0.0.1:${ports.tunnelled}' }),
});
const machine = zone('machine', { subnets: ['127.0.0.0/8'], outboundServices: ['*'], inboundServices: ['*'] });
const detect = [{ detector: tlsDetector(), service: none }];
export default definePolicy({
  zones: [machine],
  rules: [rule({ from: machine, detect, service: detected })],
  listeners: [${listeners.join('')}],
});
`;
}

/** Collects what is said on a connection, and waits for words of it. */
class Heard {
  text = '';

  constructor(socket: Socket) {
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => (this.text += bytes.toString('latin1')));
  }

  async says(pattern: RegExp): Promise<void> {
    const seen = (): string => this.text;
    await until(String(pattern), () => pattern.test(this.text) || undefined, { seen });
  }
}

describe('STARTTLS', { ...needs('openssl', 'aiosmtpd'), timeout: 60_000 }, () => {
  const owner = suiteOwner();
  let authority: TestAuthority;
  let shown: MadeCertificate;
  let policyFile: string;
  /** Everything that servers have read inside of TLS, or beside it. */
  let seen = '';
  let letLateAnswer = (): void => undefined;

  function startMailServer(kind: ServerKind): Promise<{ readonly port: number }> {
    const secret = { cert: readFileSync(shown.certificate), key: readFileSync(shown.privateKey) };
    const answerInside = (socket: TLSSocket): void => {
      socket.on('error', () => undefined).on('end', () => socket.end());
      socket.on('data', (bytes: Buffer) => {
        seen += bytes.toString('latin1');
        if (bytes.toString().includes('QUIT')) socket.end('221 Bye\r\n');
        else socket.write('250 inside\r\n');
      });
    };
    const begin = (socket: Socket): void => {
      if (kind === 'injecting') socket.write('220 Go\r\n250 injected\r\n');
      else socket.write('220 Go\r\n');
      if (kind === 'injecting' || kind === 'lying') return; // a ClientHello is answered as any word is
      socket.removeAllListeners('data');
      answerInside(new TLSSocket(socket, { isServer: true, ...secret }));
    };
    return serve(owner, (socket) => {
      socket.write('220 mail\r\n');
      socket.on('end', () => socket.end());
      socket.on('data', (bytes: Buffer) => {
        const text = bytes.toString('latin1');
        seen += text;
        if (!text.startsWith('STARTTLS')) socket.write('250-mail\r\n250 STARTTLS\r\n');
        else if (kind === 'late') letLateAnswer = () => begin(socket);
        else begin(socket);
      });
    });
  }

  async function startAiosmtpd(): Promise<number> {
    const port = await freePort();
    const files = ['--smtpscert', shown.certificate, '--smtpskey', shown.privateKey];
    const listen = ['-n', '-d', '-l', `127.0.0.1:${port}`];
    const server = SystemProcess.start(owner, ['aiosmtpd', ...listen, ...files]);
    await server.says(/Server is listening/);
    return port;
  }

  before(async () => {
    authority = TestAuthority.make(owner);
    shown = authority.issue(NAME);
    authority.issue('zorp', { extensions: [`subjectAltName=DNS:${NAME}`] });
    const folder = join(authority.folder, 'ca');
    const made = await runCommand(['ca', 'init', '--dir', folder, '--name', 'Test']);
    assert.equal(made.exitCode, 0, made.err);
    const kinds = ['honest', 'late', 'injecting', 'lying'] as const;
    const [honest, late, injecting, lying] = await Promise.all(kinds.map(startMailServer));
    const port = honest?.port ?? 0;
    policyFile = join(authority.folder, 'policy.ts');
    const others = {
      late: late?.port ?? 0,
      injecting: injecting?.port ?? 0,
      lying: lying?.port ?? 0,
    };
    const fake = await startAiosmtpd();
    writeFileSync(
      policyFile,
      policyOf({ ...others, honest: port, detected: port, headed: port, tunnelled: port, fake }),
    );
  });

  for (const io of ['driver', 'net'] as const)
    describe(`with ZORP_IO=${io}`, () => {
      const inner = suiteOwner();
      let zorp: RunningZorp;

      before(async () => {
        const inside = (command: Command): Command => ['env', `ZORP_IO=${io}`, ...command];
        zorp = await RunningZorp.start(inner, policyFile, { inside });
        await until('all listeners', () => addresses().length === WAYS.length || undefined);
      });

      function addresses(): readonly string[] {
        return zorp.lines
          .filter(({ code }) => code === 'instance.listening')
          .map(({ fields }) => String(fields?.['address']));
      }

      function portOf(way: Way): number {
        return Number(addresses()[WAYS.indexOf(way)]?.split(':').at(-1));
      }

      /** Talks until the server has said that TLS may begin, or as far as is asked. */
      async function talkTo(way: Way, first = 'STARTTLS\r\n'): Promise<readonly [Socket, Heard]> {
        const socket = connect({ port: portOf(way), host: '127.0.0.1', noDelay: true });
        const heard = new Heard(socket);
        if (way === 'headed') socket.write('PROXY TCP4 127.0.0.9 127.0.0.1 4000 25\r\n');
        if (way === 'tunnelled') {
          socket.write(`CONNECT ${NAME}:443 HTTP/1.1\r\nHost: ${NAME}:443\r\n\r\n`);
          await heard.says(/200 [^]*\r\n\r\n/);
        }
        socket.write('EHLO clerk\r\n');
        await heard.says(/250 STARTTLS\r\n/);
        socket.write(first);
        return [socket, heard];
      }

      async function secured(way: Way): Promise<string> {
        const [socket, heard] = await talkTo(way);
        await heard.says(/220 Go ahead\r\n/);
        socket.removeAllListeners('data');
        const ca = readFileSync(authority.certificate);
        const tls = connectTls({ socket, servername: NAME, ca });
        const inside = new Heard(tls);
        tls.write('MAIL FROM:<clerk@office.example>\r\n');
        await inside.says(/250 inside/);
        tls.write('QUIT\r\n');
        await inside.says(/221 Bye/);
        tls.destroy();
        return inside.text;
      }

      function openssl(way: Way, trust: string): ReturnType<typeof run> {
        const to = [
          '-connect',
          `127.0.0.1:${portOf(way)}`,
          '-starttls',
          'smtp',
          '-servername',
          NAME,
        ];
        const strict = ['-CAfile', trust, '-verify_return_error', '-verify_hostname', NAME];
        const talk = 'EHLO inside.example\r\nQUIT\r\n';
        return run(inner, ['openssl', 's_client', '-ign_eof', ...to, ...strict], talk);
      }

      function outcomeOf({ service, verdict, reason }: DecisionRecord): readonly unknown[] {
        return [service, verdict, reason];
      }

      it('serves openssl s_client', async () => {
        const { status, stdout, stderr } = await openssl('honest', authority.certificate);
        assert.equal(status, 0, stderr);
        assert.match(stdout, /Verif(?:y return code: 0|ication: OK)/);
        assert.match(stdout, /221 Bye/);
        const record = await zorp.record();
        assert.deepEqual(outcomeOf(record).slice(0, 2), ['honest', 'accepted']);
        assert.deepEqual(
          [record.clientTls?.serverName, record.serverTls?.peer?.subject],
          [NAME, `CN=${NAME}`],
        );
      });

      it('makes a certificate for a server that has TLS from the beginning (aiosmtpd)', async () => {
        const trust = join(authority.folder, 'ca/trusted.pem');
        const { status, stdout, stderr } = await openssl('fake', trust);
        assert.equal(status, 0, stderr);
        assert.match(stdout, /221 Bye/);
        const record = await zorp.record();
        assert.deepEqual(outcomeOf(record).slice(0, 2), ['fake', 'accepted']);
        assert.equal(record.serverTls?.peer?.trusted, true);
      });

      for (const way of ['honest', 'detected', 'headed', 'tunnelled'] as const)
        it(`begins for clients that were looked into before, or not, and in a tunnel: ${way}`, async () => {
          assert.equal(await secured(way), '250 inside\r\n221 Bye\r\n');
          const record = await zorp.record();
          assert.deepEqual(outcomeOf(record).slice(0, 2), [recordedAs(way), 'accepted']);
          assert.equal(record.client.address, way === 'headed' ? '127.0.0.9' : '127.0.0.1');
          assert.match(record.clientTls?.version ?? '', /^TLSv1\./);
        });

      it('never takes what a client said in plain text for something said inside', async () => {
        const before = seen.length;
        for (const way of ['honest', 'detected', 'headed', 'tunnelled'] as const) {
          const [together] = await talkTo(way, `STARTTLS\r\n${INJECTED}`);
          assert.deepEqual(outcomeOf(await zorp.record()), [
            ...[recordedAs(way), 'denied-by-policy', 'custom.plain-text'],
          ]);
          together.destroy();
        }
        const [early] = await talkTo('late');
        await until('the question', () => seen.endsWith('STARTTLS\r\n') || undefined);
        await new Promise((done) => early.write(INJECTED, done));
        letLateAnswer();
        const record = await zorp.record();
        assert.ok(['custom.plain-text', 'tls.plain-text', 'tls.not-tls'].includes(record.reason));
        early.destroy();
        const [later, heard] = await talkTo('honest');
        await heard.says(/220 Go ahead\r\n/);
        later.write(INJECTED);
        connectTls({ socket: later, servername: NAME }).on('error', () => undefined);
        assert.equal((await zorp.record()).reason, 'tls.not-tls');
        later.destroy();
        assert.doesNotMatch(seen.slice(before), /injected/);
      });

      it('records a client that hangs up in the handshake', async () => {
        for (const said of ['', '\x16\x03\x01\x02\x00\x01']) {
          const [socket, heard] = await talkTo('honest');
          await heard.says(/220 Go ahead\r\n/);
          socket.end(Buffer.from(said, 'latin1'));
          const record = await zorp.record();
          assert.equal(record.reason, 'tls.client-closed');
          socket.destroy();
        }
      });

      it('lets no server say in plain text what should be taken for something said inside', async () => {
        for (const [way, verdict, reason] of [
          ['injecting', 'denied-by-policy', 'custom.plain-text'],
          ['lying', 'denied-by-connection-fail', 'tls.not-tls'],
        ] as const) {
          const [socket, heard] = await talkTo(way);
          assert.deepEqual(outcomeOf(await zorp.record()), [way, verdict, reason]);
          assert.doesNotMatch(heard.text, /Go ahead|injected|no TLS here/);
          socket.destroy();
        }
      });
    });
});
