// Encryption policies that protect less than it seems, or that their proxy knows nothing of.

import type { Encryption } from './encryption.ts';
import type { Policy } from './policy.ts';
import type { Service } from './service.ts';
import { beginsWithTls } from './encryption.ts';
import { permitsOldVersions } from './tls-options.ts';
import type { Warning } from './warning.ts';
import { called, warn } from './warning.ts';

/** The warnings about encryption policies. */
export function encryptionWarnings({ services }: Policy): readonly Warning[] {
  return services.flatMap((service) =>
    service.kind === 'service' && service.encryption !== undefined
      ? [
          ...oldVersions(service, service.encryption),
          ...anyServer(service, service.encryption),
          ...plainClients(service),
          ...plainServers(service),
        ]
      : [],
  );
}

function oldVersions(service: Service, { client, server }: Encryption): readonly Warning[] {
  return [client, server].flatMap((side) =>
    side === undefined || !permitsOldVersions(side.tls)
      ? []
      : [
          warn('tls.old-version', service, {
            message: `${called(service)} permits ${side.tls.minVersion} ${side === client ? 'with clients' : 'with servers'}: versions before 1.2 have known weaknesses`,
            cure: 'leave minVersion out, unless somebody cannot do better',
          }),
        ],
  );
}

/** Whoever sits between Zorp and the server could be the server. */
function anyServer(service: Service, { server }: Encryption): readonly Warning[] {
  if (server === undefined || (server.verifier.trusted && server.verifier.checkName)) return [];
  const what = server.verifier.trusted ? 'checkName: false' : 'trusted: false';
  return [
    warn('tls.any-server', service, {
      message: `${called(service)} has ${what}: anybody on the way can be the server`,
      cure: 'name the authorities of the server in serverVerify, or pin its certificate',
    }),
  ];
}

/** Browsers at https:// get redirects to themselves, or are sent to http://. */
function plainClients(service: Service): readonly Warning[] {
  const { proxy, encryption } = service;
  if (proxy.expectsPlainClients !== true) return [];
  if (beginsWithTls(encryption, 'client') === undefined) return [];
  return [
    warn('tls.plain-clients', service, {
      message: `${called(service)} speaks TLS with clients, and its proxy takes their URLs for http://: lists of URLs, X-Forwarded-Proto, the login form and the log say http`,
      cure: 'write defaultPort: 443 into its httpProxy()',
    }),
  ];
}

/** TLS meets what speaks none. */
function plainServers(service: Service): readonly Warning[] {
  const { proxy, encryption, router, dnat } = service;
  if (proxy.expectsPlainServers !== true || !router.isOverrideable || dnat !== undefined) return [];
  if (beginsWithTls(encryption, 'server') === undefined) return [];
  return [
    warn('tls.plain-servers', service, {
      message: `${called(service)} speaks TLS with all servers, those too that its clients ask for by http:// URLs: at port 80 hardly any speaks TLS`,
      cure: 'leave out the encryption with servers: what is https comes by CONNECT; or, for clients that ask for https:// URLs, write defaultPort: 443 into its httpProxy()',
    }),
  ];
}
