// As whose session Zorp visits a server to see its certificate, before anybody knows which service a connection gets.

import type { AnyService, DenyService, Service } from './service.ts';

/** A line of `detect`, as far as it is asked here. */
export interface VisitingLine {
  readonly service: Service | DenyService;
}

/** What is asked of a rule. */
export interface VisitingRule {
  readonly detect: readonly VisitingLine[];
  readonly service?: AnyService | undefined;
}

/**
 * The service of the line itself; where that refuses, the first of the rule that would go to a server by its router. Undefined:
 * there is none.
 */
export function visitingService(
  { detect, service: rest }: VisitingRule,
  { service }: VisitingLine,
): Service | undefined {
  if (service.kind === 'service') return service;
  return [...detect.map((line) => line.service), rest].find(
    (one): one is Service => one?.kind === 'service' && one.router.type !== 'inband',
  );
}
