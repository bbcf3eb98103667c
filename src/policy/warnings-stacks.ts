// Lists of zones that permit a service, and not what it stacks: its contents cross the same zones, so its sessions end there.

import type { StackableService } from '../proxy/engine.ts';
import type { Direction } from './access.ts';
import type { Policy } from './policy.ts';
import type { AnyService } from './service.ts';
import type { Warning } from './warning.ts';
import { called, warn } from './warning.ts';
import { stackedBy } from './warnings-unused.ts';
import type { Zone } from './zone.ts';

/** The warnings about services that a list leaves out and that those in it stack. */
export function stackWarnings({ zones, lists, services }: Policy): readonly Warning[] {
  return zones.flatMap((zone) =>
    (['outbound', 'inbound'] as const).flatMap((direction) => {
      const list = lists.get(zone)?.[direction];
      if (list === undefined || list.has('*')) return [];
      return services
        .filter((parent) => list.has(parent))
        .flatMap((parent) =>
          servicesStackedBy(parent)
            .filter((child) => !list.has(child))
            .map((child) => leftOut(zone, direction, { parent, child })),
        );
    }),
  );
}

function servicesStackedBy(parent: AnyService): readonly StackableService[] {
  return [...new Set(stackedBy(parent))].filter((child) => child.kind === 'service');
}

function leftOut(
  zone: Zone,
  direction: Direction,
  { parent, child }: { readonly parent: AnyService; readonly child: StackableService },
): Warning {
  const list = `${direction}Services`;
  return warn('list.without-stacked', zone, {
    message: `${called(zone)}: ${list} has ${called(parent)}, but not ${called(child)}, which that stacks: it is refused there`,
    cure: `add ${called(child)} to ${list}`,
  });
}
