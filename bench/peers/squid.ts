// Squid as the peer: as an accelerator before one server, with the policy under test, and as an explicit proxy. Nothing is
// cached or logged.

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installedProgram } from '../../test/support/installed-program.ts';
import type { FoundPeer, Place } from '../contender.ts';
import { REQUIRED } from '../policy-under-test.ts';

// It needs several times as much as the others.
const SHARE = 0.25;

/** Squid, if it is installed. */
export function squid(place: Place): FoundPeer {
  const file = installedProgram('squid');
  if (file === undefined) return { missing: [{ what: 'squid', cure: 'apt install squid' }] };
  const own = join(place.folder, 'squid');
  mkdirSync(own);
  chmodSync(place.folder, 0o755); // as root it becomes another user, who reads and writes there
  chmodSync(own, 0o777);
  const path = join(own, 'squid.conf');
  writeFileSync(path, configOf(place, own));
  const version = spawnSync(file, ['-v'], { encoding: 'utf8' }).stdout;
  const { http, policy, forward, forwardPolicy } = place.ports;
  return {
    contender: {
      name: 'squid',
      version: /Version ([\d.]+)/.exec(version)?.[1] ?? 'of an unknown version',
      ports: { http, policy, forward, forwardPolicy },
      share: SHARE,
      command: {
        name: 'squid',
        file,
        args: ['-N', '-f', path],
        ports: [http, policy, forward, forwardPolicy],
        log: join(place.folder, 'squid.log'),
      },
    },
    missing: [],
  };
}

function configOf({ ports, serverPort, blockedDomains }: Place, folder: string): string {
  return `
http_port 127.0.0.1:${ports.http} accel defaultsite=bench.example name=http
http_port 127.0.0.1:${ports.policy} accel vhost name=policy
http_port 127.0.0.1:${ports.forward} name=forward
http_port 127.0.0.1:${ports.forwardPolicy} name=forward-policy
cache_peer 127.0.0.1 parent ${serverPort} 0 no-query no-digest originserver name=back
cache_mem 0
cache deny all
access_log none
cache_log ${join(folder, 'cache.log')}
cache_store_log none
pid_filename none
coredump_dir ${folder}
max_filedescriptors 16384
pconn_lifetime 1 hour
server_idle_pconn_timeout 5 minutes
client_idle_pconn_timeout 5 minutes
shutdown_lifetime 0 seconds
acl on_policy myportname policy forward-policy
acl on_forward myportname forward forward-policy
acl get method GET
acl blocked dstdomain "${blockedDomains}"
acl agent req_header User-Agent ${REQUIRED.userAgent}
acl accepts req_header Accept \\*/\\*
acl language req_header Accept-Language ^${REQUIRED.acceptLanguage}
acl cookie req_header Cookie ${REQUIRED.cookie}
http_access deny on_policy !get
http_access deny on_policy blocked
http_access deny on_policy !agent
http_access deny on_policy !accepts
http_access deny on_policy !language
http_access deny on_policy !cookie
http_access allow all
request_header_access Referer deny on_policy
request_header_add X-Bench added
cache_peer_access back deny on_forward
never_direct deny on_forward
never_direct allow all
`;
}
