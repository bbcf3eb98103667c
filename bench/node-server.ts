// The back end where nginx is missing. Arguments: the port and the file with the large answer.

import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import { LARGE_BYTES, SMALL_BYTES } from './content.ts';

const [, , port, large = ''] = process.argv;
const small = Buffer.alloc(SMALL_BYTES, 'x');

const server = createServer((request, response) => {
  const seen = request.headers['x-bench'];
  if (seen !== undefined) response.setHeader('X-Seen', seen);
  const { referer } = request.headers;
  if (referer !== undefined) response.setHeader('X-Referer', referer);
  if (request.url === '/large') {
    response.setHeader('Content-Length', LARGE_BYTES);
    createReadStream(large, { highWaterMark: 1024 * 1024 }).pipe(response);
  } else {
    response.setHeader('Content-Length', small.length);
    response.end(small);
  }
});
server.keepAliveTimeout = 300_000;
server.listen(Number(port), '127.0.0.1', 4096);
