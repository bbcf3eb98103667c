// The back end where nginx is missing, and the one that has a certificate for every name. Arguments: the port, the file with
// the large answer, and where it is to speak TLS, certificate and key of the authority that vouches for it.

import { createReadStream } from 'node:fs';
import type { RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createSecureContext } from 'node:tls';
import { LARGE_BYTES, SMALL_BYTES } from './content.ts';
import { ServerCertificates } from './server-certificates.ts';

const [, , port, large = '', certificate, privateKey] = process.argv;
const small = Buffer.alloc(SMALL_BYTES, 'x');

const answer: RequestListener = (request, response) => {
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
};

const server =
  certificate === undefined || privateKey === undefined
    ? createServer(answer)
    : serverOfAllNames(new ServerCertificates({ certificate, privateKey }));
server.keepAliveTimeout = 300_000;
server.listen(Number(port), '127.0.0.1', 4096);

function serverOfAllNames(certificates: ServerCertificates): Server {
  const { privateKey: key } = certificates;
  return createTlsServer(
    {
      key,
      cert: certificates.issue('bench.example'),
      minVersion: 'TLSv1.3',
      SNICallback: (name, done) => {
        done(null, createSecureContext({ key, cert: certificates.issue(name) }));
      },
    },
    answer,
  );
}
