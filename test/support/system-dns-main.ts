// The DNS server of the tests as a program, for the inside of a lab:
//   node system-dns-main.ts ADDRESS PORT '{"www.example.org":{"addresses":["192.0.2.1"]}}'
import type { DnsEntry } from './dns-server.ts';
import { DnsServer } from './dns-server.ts';

const [host, port, table = '{}'] = process.argv.slice(2);
const server = await DnsServer.start(host, Number(port));
for (const [name, entry] of Object.entries(JSON.parse(table) as Record<string, DnsEntry>))
  server.set(name, entry);
process.stdout.write('ready\n');
