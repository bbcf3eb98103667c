// A DNS server as a process of a test: `dns-server-main.ts HOST PORT NAME=ADDRESS...`. It writes each question on a line.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { DnsServer } from './dns-server.ts';

const [host, port, ...entries] = process.argv.slice(2);
const socket = createSocket(host?.includes(':') === true ? 'udp6' : 'udp4');
socket.bind(Number(port), host);
await once(socket, 'listening');
const server = new DnsServer(socket);
for (const entry of entries) {
  const [name = '', address = ''] = entry.split('=');
  server.set(name, { addresses: [address] });
}
socket.on('message', () => process.stdout.write(`${server.asked.at(-1) ?? ''}\n`));
process.stdout.write('ready\n');
