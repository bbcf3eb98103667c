// What every nginx of a run has in common: in the foreground, one worker, no access log, no limit that a benchmark would
// meet, and nothing outside its folder.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The parts in which they differ. */
export interface NginxParts {
  readonly main?: string;
  readonly http: string;
  readonly stream?: string | undefined;
}

/** A configuration. */
export function nginxConfig({ main = '', http, stream }: NginxParts): string {
  return `${main}
daemon off;
worker_processes 1;
worker_rlimit_nofile 20000;
pid nginx.pid;
error_log stderr warn;
${process.getuid?.() === 0 ? 'user root;' : '# runs as who started it'}
events { worker_connections 16384; }
http {
  access_log off;
  server_tokens off;
  keepalive_timeout 300s;
  keepalive_requests 1000000000;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
${http}
}
${stream === undefined ? '' : `stream {\n${stream}\n}`}
`;
}

/** Writes it into a folder of its own and gives the arguments that make nginx run it. */
export function writeNginxConfig(folder: string, name: string, config: string): readonly string[] {
  const own = join(folder, name);
  mkdirSync(own);
  writeFileSync(join(own, 'nginx.conf'), config);
  return ['-p', own, '-c', join(own, 'nginx.conf'), '-e', 'stderr'];
}
