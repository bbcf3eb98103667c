// Lists of a few things that never change: what a session has of ports, timers and reasons. An empty one costs nothing,
// and a new one is as long as it must be; a spread or a filter would leave room for sixteen more in each idle session.

/** The empty list, one for all pumps and engines. What functions of the policy may see has `NONE`: V8 is faster with this one. */
export const EMPTY_LIST: readonly never[] = [];

/** The empty list of what a session shows: frozen, because the next session has the same. */
export const NONE: readonly never[] = Object.freeze([]);

/** The list with one more item at its end. */
export function withItem<Item extends object | string>(
  list: readonly Item[],
  item: Item,
): readonly Item[] {
  const first = list[0];
  if (first === undefined) return [item];
  return list.length === 1 ? [first, item] : list.concat([item]);
}

/** The list with one more item at its end, and without the first one where it would have more than `most`. */
export function withLatest<Item extends object | string>(
  list: readonly Item[],
  item: Item,
  most: number,
): readonly Item[] {
  return withItem(list.length < most ? list : list.slice(1), item);
}

/** The list without an item; the list itself where it has none such. */
export function withoutItem<Item>(list: readonly Item[], item: Item): readonly Item[] {
  const index = list.indexOf(item);
  if (index === -1) return list;
  return list.length === 1 ? EMPTY_LIST : list.toSpliced(index, 1);
}
