// Encryption policies that protect less than it seems.

import type { Encryption } from './encryption.ts';
import type { Policy } from './policy.ts';
import type { Service } from './service.ts';
import { permitsOldVersions } from './tls-options.ts';
import type { Warning } from './warning.ts';
import { called, warn } from './warning.ts';

/** The warnings about encryption policies. */
export function encryptionWarnings({ services }: Policy): readonly Warning[] {
  return services.flatMap((service) =>
    service.kind === 'service' && service.encryption !== undefined
      ? [...oldVersions(service, service.encryption), ...anyServer(service, service.encryption)]
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
