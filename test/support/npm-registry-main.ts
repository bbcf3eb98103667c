// A registry of npm for a test, as a process: what is published can be installed. It keeps everything in memory.
// Arguments: the address to listen on, and what its URLs begin with. It says "ready" when it does.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';

/** What `npm publish` sends (the registry's own document of a package, with the tarballs attached). */
interface PublishedPackage {
  readonly name: string;
  readonly versions: Readonly<Record<string, { readonly dist: Record<string, string> }>>;
  readonly _attachments?: Readonly<Record<string, { readonly data: string }>>;
}

const [address = '127.0.0.1', origin = 'http://registry'] = process.argv.slice(2);
const packages = new Map<string, PublishedPackage>();
const tarballs = new Map<string, Buffer>();

createServer((request, response) => void answer(request, response)).listen(80, address, () =>
  process.stdout.write('ready\n'),
);

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? '';
  if (request.method === 'PUT') {
    publish(JSON.parse(await textOf(request)) as PublishedPackage);
    json(response, 201, { ok: true });
    return;
  }
  const tarball = tarballs.get(path);
  const found = packages.get(decodeURIComponent(path.slice(1)));
  if (tarball !== undefined) response.end(tarball);
  else if (found !== undefined) json(response, 200, found);
  else json(response, 404, { error: 'not found' });
}

function publish({ _attachments: attachments = {}, ...given }: PublishedPackage): void {
  for (const [file, { data }] of Object.entries(attachments))
    tarballs.set(`/${given.name}/-/${file}`, Buffer.from(data, 'base64'));
  for (const { dist } of Object.values(given.versions)) {
    const file = (dist['tarball'] ?? '').split('/').at(-1) ?? '';
    dist['tarball'] = `${origin}/${given.name}/-/${file}`;
  }
  packages.set(given.name, given);
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}
