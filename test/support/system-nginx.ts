// nginx as the web servers of a test: each says which it is, and what it saw of the request.
import type { Lab } from './system-lab.ts';
import type { Owner, SystemProcess } from './system-process.ts';

/** One web server. */
export interface WebServer {
  readonly listen: string;
  /** What it calls itself in its answers. */
  readonly name: string;
  /** More directives of its block. */
  readonly more?: string;
}

/** Header fields that a server repeats in its answer, as `x-real-ip: 192.0.2.7`. */
const REPEATED = [
  'host',
  'via',
  'connection',
  'user-agent',
  'x-forwarded-for',
  'x-real-ip',
  'proxy-connection',
  'proxy-authorization',
];

/** Starts nginx with these servers. `/big` is `bigBytes` long. */
export async function startNginx(
  lab: Lab,
  servers: readonly WebServer[],
  owner?: Owner,
): Promise<SystemProcess> {
  const { folder } = lab;
  const config = lab.write(
    'nginx.conf',
    `user root root; daemon off; master_process off; pid ${folder}/nginx.pid; error_log stderr notice;
events { worker_connections 4096; }
http {
  access_log off; server_tokens on; default_type text/plain;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(' ')}
  ${servers.map(serverBlock).join('\n  ')}
}
`,
  );
  const nginx = lab.start(['nginx', '-e', 'stderr', '-c', config], owner);
  await nginx.says(/start worker processes|using the "epoll"/);
  const port = servers.at(-1)?.listen ?? '';
  await lab.run(['curl', '-s', '--retry', '50', '--retry-connrefused', `http://${port}/`]);
  return nginx;
}

function serverBlock({ listen, name, more = '' }: WebServer): string {
  const fields = REPEATED.map((field) => `${field}: $http_${field.replaceAll('-', '_')}`);
  const seen = [`server: ${name}`, 'request: $request', 'from: $remote_addr', ...fields];
  return `server { listen ${listen}; ${more} location / { return 200 "${seen.join('\\n')}\\n"; } }`;
}
