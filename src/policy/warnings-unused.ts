// Services and programs that nothing starts.

import type { StackChoice } from '../proxy/engine.ts';
import { proxiesBeside } from './chainer.ts';
import { servicesOf } from './policy-rules.ts';
import type { Policy } from './policy.ts';
import type { AnyService } from './service.ts';
import type { Warning } from './warning.ts';
import { called, warn } from './warning.ts';

/** The warnings about services and programs that a policy names and never starts. */
export function unusedWarnings(policy: Policy): readonly Warning[] {
  const started = startedBy(policy);
  const services = policy.services.filter((service) => !started.has(service));
  const programs = policy.programs.filter((program) => !started.has(program));
  return [
    ...services.map((service) =>
      warn('service.unused', service, {
        message: `${called(service)} is started by nothing: zones permit it, or a service that is never started stacks it`,
        cure: 'start it in a listener, a rule or a proxy that stacks it, or remove it',
      }),
    ),
    ...programs.map((program) =>
      warn('program.unused', program, {
        message: `${called(program)} is run by nothing: only services that are never started stack it`,
        cure: 'stack it in a service that is started, or remove it',
      }),
    ),
  ];
}

/** The services that listeners and rules start themselves. */
export function startedDirectly({ instances, rules }: Policy): ReadonlySet<AnyService> {
  const lines = [...instances.values()].flat().flatMap(({ choices }) => choices);
  return new Set([...lines.map(({ service }) => service), ...servicesOf(rules)]);
}

/** All that listeners and rules start, and what that stacks. */
function startedBy(policy: Policy): ReadonlySet<AnyService | StackChoice> {
  const started = new Set<AnyService | StackChoice>(startedDirectly(policy));
  // A set that grows while it is gone through hands out its new members, too.
  for (const one of started) for (const stacked of stackedBy(one)) started.add(stacked);
  return started;
}

/** What the proxy of a service, and those beside it in its chainer, may stack. */
export function stackedBy(one: AnyService | StackChoice): readonly StackChoice[] {
  if (one.kind !== 'service') return [];
  const beside = 'chainer' in one ? proxiesBeside(one.chainer) : [];
  return [one.proxy, ...beside].flatMap(({ stacks }) => stacks);
}
