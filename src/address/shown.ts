// What the console shows of an object: how people who write a policy look at what its functions get.

/** The method that is asked for it, `util.inspect.custom` of Node: one symbol for everybody, so that nothing of Node is needed here. */
export const SHOWN: unique symbol = Symbol.for('nodejs.util.inspect.custom');

/** Everything that an object gives by name, also by the getters of its class, which the console leaves out. */
export function shownValues(object: object): Readonly<Record<string, unknown>> {
  const members = Object.entries(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(object)));
  const getters = members.filter(([, member]) => member.get !== undefined).map(([name]) => name);
  return Object.fromEntries(
    [...Object.keys(object), ...getters].map((name) => [name, valueOf(object, name)]),
  );
}

/** A getter that throws is shown with what it throws: who only looks at an object is not refused for it. */
function valueOf(object: object, name: string): unknown {
  try {
    return Reflect.get(object, name);
  } catch (error) {
    return error;
  }
}
