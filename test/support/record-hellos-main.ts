// Records what clients of TLS say first, into test/corpus/client-hello: run by hand where there is a client to add.
//     node test/support/record-hellos-main.ts [NAME...]
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readClientHello } from '../../src/protocols/tls/client-hello.ts';
import { listenOnFreePort } from './free-port.ts';

const CORPUS = join(import.meta.dirname, '../corpus/client-hello');
const DEADLINE_MS = 20_000;
const GO = `package main
import ("crypto/tls"; "os")
func main() { tls.Dial("tcp", os.Args[1], &tls.Config{ServerName: "go.example", NextProtos: []string{"h2", "http/1.1"}}) }`;
const JAVA = `public class Hello { public static void main(String[] a) throws Exception {
  var s = (javax.net.ssl.SSLSocket) javax.net.ssl.SSLSocketFactory.getDefault().createSocket("localhost", Integer.parseInt(a[0]));
  var p = s.getSSLParameters(); p.setServerNames(java.util.List.of(new javax.net.ssl.SNIHostName("java.example"))); s.setSSLParameters(p); s.startHandshake(); } }`;
const PYTHON = `import socket, ssl, sys
c = ssl.create_default_context(); c.set_alpn_protocols(['http/1.1'])
c.wrap_socket(socket.create_connection(('127.0.0.1', int(sys.argv[1]))), server_hostname='python.example')`;
const NODE = `require('tls').connect({ port: process.argv[1], host: '127.0.0.1', servername: 'node.example', ...JSON.parse(process.argv[2]) }).on('error', () => {})`;

/** Commands by the name of what they record; each gets a port of 127.0.0.1, and a folder for its files. */
const CLIENTS: Readonly<Record<string, (port: string, folder: string) => readonly string[]>> = {
  'curl-openssl': (port) => [
    ...['curl', '-sk', '--resolve', `curl.example:${port}:127.0.0.1`],
    `https://curl.example:${port}/`,
  ],
  'curl-tls-1.2': (port) => [
    ...['curl', '-sk', '--tls-max', '1.2', '--http1.1', '--resolve'],
    ...[`curl.example:${port}:127.0.0.1`, `https://curl.example:${port}/`],
  ],
  'curl-without-name': (port) => ['curl', '-sk', `https://127.0.0.1:${port}/`],
  'openssl-tls-1.3': (port) => [
    ...['openssl', 's_client', '-connect', `127.0.0.1:${port}`, '-tls1_3', '-servername'],
    ...['openssl.example', '-alpn', 'h2,http/1.1', '-status'],
  ],
  'openssl-tls-1.2': (port) => [
    ...[
      'openssl',
      's_client',
      '-connect',
      `127.0.0.1:${port}`,
      '-tls1_2',
      '-servername',
      'openssl.example',
    ],
  ],
  'openssl-tls-1.0': (port) => [
    ...['openssl', 's_client', '-connect', `127.0.0.1:${port}`, '-tls1', '-cipher'],
    ...['ALL:@SECLEVEL=0', '-servername', 'openssl.example'],
  ],
  'openssl-without-name': (port) => [
    ...['openssl', 's_client', '-connect', `127.0.0.1:${port}`, '-noservername'],
  ],
  gnutls: (port) => [
    ...['gnutls-cli', '--insecure', '--sni-hostname', 'gnutls.example', '--alpn', 'h2'],
    ...['-p', port, '127.0.0.1'],
  ],
  wget: (port) => ['wget', '-qO-', '-T', '5', '-t', '1', `https://localhost:${port}/`],
  git: (port) => ['git', 'ls-remote', `https://localhost:${port}/repository.git`],
  ncat: (port) => ['ncat', '--ssl', '--ssl-servername', 'ncat.example', '127.0.0.1', port],
  node: (port) => [process.execPath, '-e', NODE, port, '{"ALPNProtocols":["h2","http/1.1"]}'],
  'node-post-quantum': (port) => [
    ...[process.execPath, '-e', NODE, port],
    '{"ecdhCurve":"X25519MLKEM768:SecP256r1MLKEM768:X25519","ALPNProtocols":["h2"]}',
  ],
  python: (port) => ['python3', '-c', PYTHON, port],
  go: (port, folder) => ['go', 'run', join(folder, 'hello.go'), `127.0.0.1:${port}`],
  java: (port, folder) => ['java', join(folder, 'Hello.java'), port],
  chromium: (port, folder) => [
    ...['chromium', '--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
    ...[`--user-data-dir=${join(folder, 'chromium')}`, '--host-resolver-rules=MAP * 127.0.0.1'],
    ...['--disable-background-networking', '--dump-dom', `https://chromium.example:${port}/`],
  ],
};

/** The first hello that somebody says to this command's port. */
async function record(name: string, folder: string): Promise<Buffer> {
  const server = createServer();
  const port = await listenOnFreePort(server);
  const heard = new Promise<Buffer>((done) => {
    server.on('connection', (socket) => {
      let bytes = Buffer.alloc(0);
      socket
        .on('error', () => undefined)
        .on('data', (more: Buffer) => {
          bytes = Buffer.concat([bytes, more]);
          const reading = readClientHello(bytes);
          if (reading.kind === 'incomplete') return;
          done(reading.kind === 'hello' ? bytes.subarray(0, reading.length) : bytes);
          socket.destroy();
        });
    });
  });
  const [program = '', ...args] = CLIENTS[name]?.(String(port), folder) ?? [];
  const env = {
    ...process.env,
    HOME: folder,
    GIT_TERMINAL_PROMPT: '0',
    GOCACHE: join(folder, 'go'),
  };
  const client = spawn(program, args, { stdio: ['pipe', 'ignore', 'ignore'], env });
  const late = AbortSignal.timeout(DEADLINE_MS);
  const silence = new Promise<never>((_, fail) => {
    client.on('error', fail);
    late.addEventListener('abort', () => fail(new Error(`${name} says nothing`)));
  });
  try {
    return await Promise.race([heard, silence]);
  } finally {
    client.kill('SIGKILL');
    server.close();
  }
}

function linesOf(bytes: Buffer): string {
  return bytes.toString('hex').replace(/.{1,96}/g, '$&\n');
}

mkdirSync(CORPUS, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), 'zorp-hellos-'));
writeFileSync(join(folder, 'hello.go'), GO);
writeFileSync(join(folder, 'Hello.java'), JAVA);
const wanted = process.argv.slice(2);
for (const name of wanted.length > 0 ? wanted : Object.keys(CLIENTS)) {
  try {
    const bytes = await record(name, folder);
    writeFileSync(join(CORPUS, `${name}.hex`), linesOf(bytes));
    process.stdout.write(`${name}: ${bytes.length} bytes\n`);
  } catch (error) {
    process.stdout.write(`${name}: ${String(error)}\n`);
  }
}
rmSync(folder, { recursive: true, force: true });
