// Lists of a few things that never change: what a session has of ports, timers and reasons. An empty one costs nothing,
// and a new one is as long as it must be; a spread or a filter would leave room for sixteen more in each idle session.

/** The empty list, one for all. */
export const EMPTY_LIST: readonly never[] = Object.freeze([]);

/** The list with one more item at its end. */
export function withItem<Item extends object | string>(
  list: readonly Item[],
  item: Item,
): readonly Item[] {
  return list.length === 0 ? [item] : list.concat([item]);
}

/** The list without an item; the list itself where it has none such. */
export function withoutItem<Item>(list: readonly Item[], item: Item): readonly Item[] {
  const index = list.indexOf(item);
  if (index === -1) return list;
  return list.length === 1 ? EMPTY_LIST : list.toSpliced(index, 1);
}
