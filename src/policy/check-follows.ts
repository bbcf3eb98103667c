// What definePolicy checks of binds that follow an interface: one that could never have an address is a mistake.

import { showValue } from '../proxy/policy-fault.ts';
import { showSource, sourceOf } from '../proxy/source-location.ts';
import type { InterfaceBind } from './interface-bind.ts';
import { showInterfaceBind } from './interface-bind.ts';
import type { Listener } from './make-listener.ts';
import { isAnyAddress } from './own-address.ts';
import type { PolicyFaults } from './policy-faults.ts';

interface Following {
  readonly listener: Listener;
  readonly bind: InterfaceBind;
}

/** Adds a fault for each bind whose addresses certainly belong to another bind. */
export function checkFollows(listeners: readonly Listener[], faults: PolicyFaults): void {
  const all = listeners.flatMap((listener) => listener.follows.map((bind) => ({ listener, bind })));
  for (const [index, following] of all.entries()) {
    const owner =
      fixedOwner(listeners, following) ?? followingOwner(all.slice(0, index), following);
    if (owner === undefined) continue;
    const value = showValue(showInterfaceBind(following.bind));
    const where = `${owner.bind} of the listener at ${showSource(sourceOf(owner.listener))}`;
    const cure = `choose another port, or remove one of the two: ${where} has all its addresses`;
    faults.add(following.listener, { path: 'bind', value, cure });
  }
}

interface Owner {
  readonly listener: Listener;
  /** As text. */
  readonly bind: string;
}

/** The listener that has every address that a bind could have: one at 0.0.0.0 or [::], or at its only address. */
function fixedOwner(
  listeners: readonly Listener[],
  { listener, bind }: Following,
): Owner | undefined {
  for (const other of listeners) {
    if (other.protocol !== listener.protocol) continue;
    const found = other.binds.find(
      ({ address, port }) =>
        port === bind.port &&
        address.family === bind.family &&
        (isAnyAddress(address) || bind.address?.equals(address) === true),
    );
    if (found !== undefined) return { listener: other, bind: String(found) };
  }
  return undefined;
}

/** An earlier bind that follows the very same. */
function followingOwner(earlier: readonly Following[], one: Following): Owner | undefined {
  const found = earlier.find(
    ({ listener, bind }) =>
      listener.protocol === one.listener.protocol &&
      bind.type === one.bind.type &&
      isSameThing(bind, one.bind) &&
      showInterfaceBind({ ...bind, name: '' }) === showInterfaceBind({ ...one.bind, name: '' }),
  );
  if (found === undefined) return undefined;
  return { listener: found.listener, bind: showInterfaceBind(found.bind) };
}

/** A group may be written as 5 and as 0x5. */
function isSameThing(one: InterfaceBind, other: InterfaceBind): boolean {
  return one.group === undefined ? one.name === other.name : one.group === other.group;
}
