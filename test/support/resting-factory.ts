// Engines that rest whenever they may: each event finds one that was made anew of what the last one left.

import type { ProxyFactory } from '../../src/proxy/engine.ts';

/** The factory with such engines; `rested` is told each time. */
export function restingFactory(
  factory: ProxyFactory,
  rested: () => void = () => undefined,
): ProxyFactory {
  return {
    ...factory,
    create: (context) => {
      let engine = factory.create(context);
      return {
        handle: (event) => {
          const resting = engine.rest?.();
          if (resting !== undefined) {
            engine = resting.wake();
            rested();
          }
          return engine.handle(event);
        },
      };
    },
  };
}
