// Maps that remember what was set last: peers choose many of their keys, and could fill the memory with them.

/** Sets a key as the newest one; beyond `max` keys the oldest is forgotten. Setting a key anew makes it the newest. */
export function setNewest<Key, Value>(
  map: Map<Key, Value>,
  key: Key,
  value: Value,
  max: number,
): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= max) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
