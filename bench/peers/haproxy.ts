// HAProxy as the peer: one thread, and splicing wherever it thinks that it pays.

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installedProgram } from '../../test/support/installed-program.ts';
import type { FoundPeer, Place } from '../contender.ts';
import { REQUIRED } from '../policy-under-test.ts';

/** How HAProxy looks a host up in the list of domains. */
type ListMatch = 'tree' | 'dom';

/** HAProxy, if it is installed. With `dom` it takes part only where its list of domains counts. */
export function haproxy(place: Place, list: ListMatch = 'tree'): FoundPeer {
  const file = installedProgram('haproxy');
  if (file === undefined) return { missing: [{ what: 'haproxy', cure: 'apt install haproxy' }] };
  const name = list === 'tree' ? 'haproxy' : 'haproxy-dom';
  const path = join(place.folder, `${name}.cfg`);
  const networks = join(place.folder, `${name}.networks`);
  writeFileSync(path, configOf(place, list) + loggedPart(place, networks));
  writeFileSync(networks, `${CLIENTS}\n`);
  const version = spawnSync(file, ['-v'], { encoding: 'utf8' }).stdout;
  const { http, httpOnce, policy, policyOnce, plug, httpOnceLogged, plugLogged } = place.ports;
  const all = { http, httpOnce, policy, policyOnce, plug, httpOnceLogged, plugLogged };
  return {
    contender: {
      name,
      version: /version ([\d.]+)/.exec(version)?.[1] ?? 'of an unknown version',
      ports: list === 'tree' ? all : { policy, policyOnce },
      share: list === 'tree' ? 1 : DOM_SHARE,
      command: {
        name,
        file,
        args: ['-db', '-f', path],
        ports: Object.values(all),
        log: join(place.folder, `${name}.log`),
      },
    },
    missing: [],
  };
}

// A walk over 10,000 names for each request.
const DOM_SHARE = 0.25;
// The one network that Zorp's policy has, too.
const CLIENTS = '127.0.0.0/8';

function configOf({ ports, serverPort, blockedDomains }: Place, list: ListMatch): string {
  return `global
  nbthread 1
  maxconn 6000
defaults
  maxconn 6000
  backlog 4096
  timeout connect 5s
  timeout client 300s
  timeout server 300s
  timeout http-keep-alive 300s
  option splice-auto
listen http
  mode http
  bind 127.0.0.1:${ports.http}
  http-request add-header X-Bench added
  server back 127.0.0.1:${serverPort}
listen http-once
  mode http
  bind 127.0.0.1:${ports.httpOnce}
  http-reuse never
  http-request add-header X-Bench added
  server back 127.0.0.1:${serverPort}
listen policy
  mode http
  bind 127.0.0.1:${ports.policy}
${policyRules(list, blockedDomains)}
  server back 127.0.0.1:${serverPort}
listen policy-once
  mode http
  bind 127.0.0.1:${ports.policyOnce}
  http-reuse never
${policyRules(list, blockedDomains)}
  server back 127.0.0.1:${serverPort}
listen plug
  mode tcp
  bind 127.0.0.1:${ports.plug}
  server back 127.0.0.1:${serverPort}
`;
}

/** The policy under test, but for its name. */
function policyRules(list: ListMatch, blockedDomains: string): string {
  return `  http-request deny unless METH_GET
${listRules(list, blockedDomains)}
  http-request deny unless { req.fhdr(user-agent) -m sub ${REQUIRED.userAgent} }
  http-request deny unless { req.fhdr(accept) -m sub ${REQUIRED.accept} }
  http-request deny unless { req.fhdr(accept-language) -m beg ${REQUIRED.acceptLanguage} }
  http-request deny unless { req.fhdr(cookie) -m sub ${REQUIRED.cookie} }
  http-request del-header Referer
  http-request add-header X-Bench added`;
}

/** What Zorp cannot leave out: a rule about who may connect, and a line about each connection, to the same kind of file. */
function loggedPart({ ports, serverPort }: Place, networks: string): string {
  const rule = `tcp-request connection reject unless { src -f ${networks} }`;
  return `listen http-once-logged
  mode http
  bind 127.0.0.1:${ports.httpOnceLogged}
  ${rule}
  log stdout format raw local0
  option httplog
  http-reuse never
  http-request add-header X-Bench added
  server back 127.0.0.1:${serverPort}
listen plug-logged
  mode tcp
  bind 127.0.0.1:${ports.plugLogged}
  ${rule}
  log stdout format raw local0
  option tcplog
  server back 127.0.0.1:${serverPort}
`;
}

/**
 * `-m dom` compares a host with one name after the other. Exact matches are looked up in a tree, so asking for the host and
 * for the two names above it is the fastest way that still blocks what is below a listed name.
 */
function listRules(list: ListMatch, path: string): string {
  const host = 'req.fhdr(host),host_only,lower';
  const asked =
    list === 'dom'
      ? [`${host} -m dom`]
      : [host, `${host},field(-1,.,2)`, `${host},field(-1,.,3)`].map((name) => `${name} -m str`);
  return asked.map((ask) => `  http-request deny if { ${ask} -f ${path} }`).join('\n');
}
