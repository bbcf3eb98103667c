// What definePolicy checks of services and programs: all that can be started, stacked, or are named by a zone.

import { showValue } from '../proxy/policy-fault.ts';
import type { Program } from '../proxy/program.ts';
import type { Chainer } from './chainer.ts';
import { proxiesBeside } from './chainer.ts';
import { authorizationsIn, explainAuthorization } from './authorization.ts';
import type { Encryption } from './encryption.ts';
import { dynamicSource, explainEncryption, ownCertificates } from './encryption.ts';
import { explainAuthentication } from './authentication.ts';
import { explainRouter } from './router.ts';
import { isKind } from './fields.ts';
import type { ZoneListsByZone } from './policy-lists.ts';
import type { PacketFilterSettings } from './packet-filter-settings.ts';
import type { PolicyFaults } from './policy-faults.ts';
import { Claims } from './policy-faults.ts';
import type { AnyService, Service } from './service.ts';
import { checkWatched } from './watched-servers.ts';

/** Everything that a policy can run. */
export interface Runnables {
  /** Those that are started first, then those that zones name, each with what it stacks. */
  readonly services: readonly AnyService[];
  readonly programs: readonly Program[];
}

/** Collects what a policy can run. A program has its name in records as a service has, so they share their names. */
export function checkServices(
  started: readonly AnyService[],
  lists: ZoneListsByZone,
  faults: PolicyFaults,
): Runnables {
  const services: AnyService[] = [];
  const programs: Program[] = [];
  const seen = new Set<AnyService | Program>();
  const names = new Claims<AnyService | Program>(faults);
  const waiting: (AnyService | Program)[] = [...started];
  for (const { outbound, inbound } of lists.values())
    for (const member of [...(outbound ?? []), ...(inbound ?? [])])
      if (isService(member)) waiting.push(member);
  for (const one of waiting) {
    if (seen.has(one)) continue;
    seen.add(one);
    names.claim(one.name, one);
    if (one.kind === 'program') {
      programs.push(one);
      faults.collect(one);
      continue;
    }
    services.push(one);
    waiting.push(...checkService(one, faults)); // the loop goes on with what is added to the list
  }
  return { services: Object.freeze(services), programs: Object.freeze(programs) };
}

/** Collects the faults of a service and its parts. @returns what its proxy may stack. */
function checkService(
  service: AnyService,
  faults: PolicyFaults,
): readonly (AnyService | Program)[] {
  faults.collect(service);
  if (service.kind === 'deny-service') return [];
  if (service.kind === 'pf-service') {
    for (const part of [service.router, service.snat, service.dnat])
      if (part !== undefined) faults.collect(part);
    return [];
  }
  const { proxy, router, chainer, resolver, snat, dnat } = service;
  const proxies = [proxy, ...proxiesBeside(chainer)];
  for (const part of [...proxies, router, ...chainersOf(chainer), resolver, snat, dnat])
    if (part !== undefined) faults.collect(part);
  checkUsers(service, faults);
  checkEncryption(service, faults);
  checkWatched(service, faults);
  return proxies
    .flatMap(({ stacks }) => stacks)
    .flatMap((stacked: unknown) => {
      if (isStackable(stacked)) return [stacked];
      const cure = 'stack services made by service(), or programs made by program()';
      faults.add(service, { path: 'proxy.stacks', value: showValue(stacked), cure });
      return [];
    });
}

function checkEncryption(service: Service, faults: PolicyFaults): void {
  const { encryption, proxy } = service;
  if (proxy.needsServerTls === true && encryption?.server === undefined) {
    const value = encryption === undefined ? 'undefined' : explainEncryption(encryption);
    const cure =
      'give serverOnlyEncryption() or twoSidedEncryption(): what clients ask for by https:// would go on in plain text';
    faults.add(service, { path: 'encryption', value, cure });
  }
  if (encryption === undefined) return;
  if (encryption.startTls.length > 0) checkStartTls(service, encryption, faults);
  else if (dynamicSource(encryption) !== undefined) checkDynamic(service, faults);
  faults.collect(encryption);
  if (encryption.client !== undefined) faults.collect(encryption.client.certificate);
  for (const certificate of ownCertificates(encryption)) faults.collect(certificate);
}

function checkStartTls(service: Service, encryption: Encryption, faults: PolicyFaults): void {
  if (service.proxy.startsTls === true) return;
  const cure =
    'this proxy has no command that begins TLS: use twoSidedEncryption, clientOnlyEncryption or serverOnlyEncryption';
  faults.add(service, { path: 'encryption', value: explainEncryption(encryption), cure });
}

/** Certificates made on the fly need the server before the client has said a word to its proxy. */
function checkDynamic(service: Service, faults: PolicyFaults): void {
  const { authentication, router } = service;
  if (router.isOverrideable) {
    const cure =
      'with dynamicCertificate give a router that knows the server: transparentRouter() or directedRouter(), or stack the service by connect of an httpProxy';
    faults.add(service, { path: 'router', value: explainRouter(router), cure });
  }
  if (authentication === undefined) return;
  const cure =
    'with dynamicCertificate the server is connected before anybody can be asked: authenticate in the service that stacks this one';
  faults.add(service, {
    path: 'authentication',
    value: explainAuthentication(authentication),
    cure,
  });
}

/** A service whose proxy never asks for users would let nobody pass, or everybody: both are not what was meant. */
function checkUsers(service: Service, faults: PolicyFaults): void {
  const { authentication, authorization, proxy } = service;
  if (authentication !== undefined) {
    faults.collect(authentication);
    faults.collect(authentication.provider);
  }
  for (const part of authorization === undefined ? [] : authorizationsIn(authorization))
    faults.collect(part);
  if (authentication !== undefined && proxy.authentication === undefined) {
    const value = explainAuthentication(authentication);
    const cure = `remove it: a proxy of ${proxy.name} cannot ask its clients who they are`;
    faults.add(service, { path: 'authentication', value, cure });
  }
  if (authentication !== undefined) return;
  const cure = 'give authentication: inbandAuthentication({ provider }), or nobody is asked';
  if (authorization !== undefined)
    faults.add(service, {
      path: 'authorization',
      value: explainAuthorization(authorization),
      cure: `${cure}; where it is the same for all users, decide in a function of the proxy`,
    });
  if (proxy.authentication === 'expected')
    faults.add(service, {
      path: 'authentication',
      value: 'undefined',
      cure: `${cure}; what its proxy says of authentication is only how users are asked`,
    });
}

/** A packet with the mark of the packet filter is delivered to this machine: a server would never get it. */
export function checkMarks(
  services: readonly AnyService[],
  { mark }: PacketFilterSettings,
  faults: PolicyFaults,
): void {
  const bit = `0x${mark.toString(16)}`;
  for (const service of services) {
    if (service.kind !== 'service' || service.serverMark === undefined) continue;
    if ((service.serverMark & mark) === 0) continue;
    const value = `0x${service.serverMark.toString(16)}`;
    const cure = `leave out the bit ${bit}, or choose another packetFilter.mark: packets with that stay on this machine`;
    faults.add(service, { path: 'serverMark', value, cure });
  }
}

function chainersOf(chainer: Chainer): readonly Chainer[] {
  return chainer.type === 'side-stack' ? [chainer, ...chainersOf(chainer.chainer)] : [chainer];
}

function isService(value: unknown): value is AnyService {
  return isKind(value, ['service', 'pf-service', 'deny-service']);
}

function isStackable(value: unknown): value is AnyService | Program {
  return isKind(value, ['service', 'deny-service', 'program']);
}
