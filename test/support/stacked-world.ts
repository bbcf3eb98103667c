// Parents and children for tests of stacking.
import { DROP_SERVER, isServerDropped } from '../../src/proxy/child-ending.ts';
import type { Port, ProxyAction, ProxyEvent, StackedChild } from '../../src/proxy/engine.ts';
import type { FakeStream, FakeStreamOptions } from './fake-stream.ts';
import { act } from './pump-world.ts';
import type { SessionHandler } from './session-world.ts';
import { proxyOf, revisionOf, serviceOf, SessionWorld } from './session-world.ts';

const NEAR: ReadonlyMap<Port, Port> = new Map<Port, Port>([
  ['client', 'stack-client'],
  ['stack-client', 'client'],
  ['server', 'stack-server'],
  ['stack-server', 'server'],
]);

/** A plug that ends softly: what one side sends goes to the other. */
export function plug(ends = new Set<Port>()): (event: ProxyEvent) => ProxyAction[] {
  const other = (port: Port): Port => (port === 'client' ? 'server' : 'client');
  return (event) => {
    switch (event.type) {
      case 'started':
        return [act.hold('client'), act.connect()];
      case 'connected':
        return [act.relay('client', 'server'), act.relay('server', 'client')];
      case 'connect-failed':
        return [{ type: 'close', verdict: event.failure.verdict, reason: event.failure.reason }];
      case 'ended':
        if (event.error !== undefined) return [act.close(`${event.from}-lost`, 'reset')];
        ends.add(event.from);
        if (ends.size === 2) return [act.end(other(event.from)), act.close('both-ended')];
        return [act.end(other(event.from))];
      default:
        return [];
    }
  };
}

/** Runs a service or a program under it: what the client says goes to the child, what the child says to the server, and back. */
export function over(child: () => StackedChild): SessionHandler {
  const ends = new Set<Port>();
  return (event) => {
    switch (event.type) {
      case 'started':
        return [act.hold('client'), act.connect()];
      case 'connected':
        return [act.stack(child())];
      case 'stacked':
        return [...NEAR].map(([from, to]) => act.relay(from, to));
      case 'stack-refused':
        return [{ type: 'close', verdict: event.failure.verdict, reason: event.failure.reason }];
      case 'stack-verdict':
        return [{ ...event, type: 'close' }];
      case 'ended': {
        if (isServerDropped(event, child())) return [DROP_SERVER];
        ends.add(event.from);
        if (event.error !== undefined) return [act.close(`${event.from}-lost`, 'reset')];
        const to = NEAR.get(event.from);
        return to === undefined ? [] : [act.end(to)];
      }
      default:
        return [];
    }
  };
}

/** A parent that is connected. */
export interface Stacked {
  readonly world: SessionWorld;
  readonly client: FakeStream;
  readonly server: FakeStream;
}

/** A connected parent of this child. The engines are made anew for each session. */
export function stackedWorld(
  childHandle: () => SessionHandler,
  options: FakeStreamOptions & {
    readonly parent?: SessionHandler;
    readonly maxInstances?: number;
  } = {},
): Stacked {
  const child = serviceOf('inner', {
    proxy: {
      ...proxyOf(() => []),
      create: (context) => ({ handle: bind(childHandle(), context) }),
    },
    limits: { maxInstances: options.maxInstances ?? 0 },
  });
  const parent = serviceOf('outer', {
    proxy: proxyOf(options.parent ?? over(() => child), { name: 'outer', stacks: [child] }),
  });
  const world = new SessionWorld(revisionOf(parent, [child]));
  const client = world.accept(undefined, options);
  return { world, client, server: world.connected(options) };
}

type Context = Parameters<SessionHandler>[1];

/** An engine's function for one session. */
export function bind(
  handle: SessionHandler,
  context: Context,
): (event: ProxyEvent) => ProxyAction[] {
  return (event) => [...handle(event, context)];
}
