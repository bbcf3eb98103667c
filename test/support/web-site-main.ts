// A web site of a test, run as a process by node:http: a page with a form and an image, downloads, uploads, a WebSocket.
// Arguments: the address to listen on. It says "ready" when it does.
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

/** Bytes of `/download`. */
const DOWNLOAD_BYTES = 3_000_000;
// A PNG of one green pixel.
const IMAGE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M/wHwAEBgIApD5fRAAAAABJRU5ErkJggg==',
  'base64',
);
const PAGE = `<!doctype html><title>A page</title>
<h1 id="title">A page of the site</h1>
<img id="image" src="/image.png" width="40" height="40" alt="green">
<form method="post" action="/form"><input name="word" id="word"><button id="send">Send</button></form>
<a id="download" href="/download">Download</a>
<p id="socket">nothing yet</p>
<script>
  function talk() {
    const scheme = location.protocol === 'https:' ? 'wss://' : 'ws://';
    const socket = new WebSocket(scheme + location.host + '/socket');
    const said = document.getElementById('socket');
    socket.onopen = () => socket.send('hello');
    socket.onmessage = (event) => { said.textContent = event.data; socket.close(); };
    socket.onerror = () => { said.textContent = 'failed'; };
  }
</script>`;

const [address = '127.0.0.1'] = process.argv.slice(2);
const server = createServer((request, response) => void answer(request, response));
const sockets = new WebSocketServer({ server, path: '/socket' });
sockets.on('connection', (socket) => {
  socket.on('message', (message) => {
    if (message instanceof Buffer) socket.send(`heard ${message.toString('utf8')}`);
  });
});
server.listen(80, address, () => process.stdout.write('ready\n'));

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await bodyOf(request);
  const method = request.method ?? '';
  const path = (request.url ?? '').split('?')[0] ?? '';
  if (method === 'POST' && path === '/form') {
    const word = new URLSearchParams(body.toString('utf8')).get('word') ?? '';
    html(
      response,
      `<!doctype html><title>Sent</title><p id="word">${encodeURIComponent(word)}</p>`,
    );
  } else if (path === '/upload') {
    response.end(`${method} ${createHash('sha256').update(body).digest('hex')}\n`);
  } else if (path === '/image.png') {
    response.writeHead(200, { 'Content-Type': 'image/png' }).end(IMAGE);
  } else if (path === '/download') {
    const headers = { 'Content-Disposition': 'attachment; filename="file.bin"' };
    response.writeHead(200, headers).end(Buffer.alloc(DOWNLOAD_BYTES, 'zorp '));
  } else {
    html(response, PAGE);
  }
}

function html(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(text);
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (chunk instanceof Buffer) chunks.push(chunk);
  return Buffer.concat(chunks);
}
