// nginx as the peer: its HTTP proxy, and its stream module for the plug.

import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installedProgram } from '../../test/support/installed-program.ts';
import type { FoundPeer, Place } from '../contender.ts';
import { BLOCKED_COUNT, blockedDomains, REQUIRED } from '../policy-under-test.ts';
import { nginxConfig, writeNginxConfig } from './nginx-config.ts';

const STREAM_MODULE = '/usr/lib/nginx/modules/ngx_stream_module.so';

/** nginx, if it is installed, and what of it is missing. */
export function nginx(place: Place): FoundPeer {
  const file = installedProgram('nginx');
  if (file === undefined)
    return { missing: [{ what: 'nginx', cure: 'apt install nginx-light libnginx-mod-stream' }] };
  const built = spawnSync(file, ['-V'], { encoding: 'utf8' }).stderr;
  const stream = findStream(built);
  const { http, httpOnce, policy, policyOnce, plug } = place.ports;
  const web = { http, httpOnce, policy, policyOnce };
  const ports = { ...web, plug: stream === undefined ? undefined : plug };
  const config = nginxConfig({
    main: stream === 'module' ? `load_module ${STREAM_MODULE};` : '',
    http: httpPart(place) + policyPart(place),
    stream: stream === undefined ? undefined : streamPart(plug, place.serverPort),
  });
  const command = {
    name: 'nginx',
    file,
    args: writeNginxConfig(place.folder, 'nginx', config),
    ports: [...Object.values(web), ...(stream === undefined ? [] : [plug])],
    log: join(place.folder, 'nginx.log'),
  };
  const version = /nginx\/([\d.]+)/.exec(built)?.[1] ?? 'of an unknown version';
  const missing = { what: 'the stream module of nginx', cure: 'apt install libnginx-mod-stream' };
  return {
    contender: { name: 'nginx', version, ports, command },
    missing: stream === undefined ? [missing] : [],
  };
}

function findStream(built: string): 'built-in' | 'module' | undefined {
  if (/ --with-stream(?: |$)/m.test(built)) return 'built-in';
  return existsSync(STREAM_MODULE) ? 'module' : undefined;
}

/**
 * Connections to the server are kept as the documentation of `keepalive` says. Answers are buffered, but never in a file:
 * that would measure the disk.
 */
function httpPart({ ports: { http, httpOnce }, serverPort: server }: Place): string {
  return `
  proxy_http_version 1.1;
  proxy_max_temp_file_size 0;
  upstream kept { server 127.0.0.1:${server}; keepalive 64; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${http} backlog=4096;
    location / {
      proxy_pass http://kept;
      proxy_set_header Connection "";
      proxy_set_header X-Bench added;
    }
  }
  server {
    listen 127.0.0.1:${httpOnce} backlog=4096;
    location / {
      proxy_pass http://127.0.0.1:${server};
      proxy_set_header Connection close;
      proxy_set_header X-Bench added;
    }
  }`;
}

/** A map of host names is a hash with all names above a host asked, too. */
function policyPart({ ports, folder, serverPort }: Place): string {
  const path = join(folder, 'nginx-blocked.map');
  writeFileSync(
    path,
    blockedDomains()
      .map((domain) => `.${domain} 1;\n`)
      .join(''),
  );
  return `
  map_hash_max_size ${BLOCKED_COUNT * 8};
  map_hash_bucket_size 128;
  map $host $blocked { hostnames; default 0; include ${path}; }
${policyServer(ports.policy, { pass: 'http://kept', connection: '""' })}
${policyServer(ports.policyOnce, { pass: `http://127.0.0.1:${serverPort}`, connection: 'close' })}`;
}

interface ServerSide {
  readonly pass: string;
  /** The value of the field, as nginx writes it. */
  readonly connection: string;
}

function policyServer(port: number, { pass, connection }: ServerSide): string {
  return `  server {
    listen 127.0.0.1:${port} backlog=4096;
    if ($request_method != GET) { return 405; }
    if ($blocked) { return 403; }
    if ($http_user_agent !~ "${REQUIRED.userAgent}") { return 403; }
    if ($http_accept !~ "\\*/\\*") { return 403; }
    if ($http_accept_language !~ "^${REQUIRED.acceptLanguage}") { return 403; }
    if ($http_cookie !~ "${REQUIRED.cookie}") { return 403; }
    location / {
      proxy_pass ${pass};
      proxy_set_header Connection ${connection};
      proxy_set_header Host $http_host;
      proxy_set_header Referer "";
      proxy_set_header X-Bench added;
    }
  }`;
}

function streamPart(plug: number, server: number): string {
  return `  server { listen 127.0.0.1:${plug} backlog=4096; proxy_pass 127.0.0.1:${server}; }`;
}
