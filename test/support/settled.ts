// Promises that have settled before anyone asks, so that a test of a policy function with a promise runs in one go.

/** A promise that has come to a value. @example request: { GET: () => settled(accept()) } */
export function settled<Value>(value: Value): PromiseLike<Value> {
  return {
    then(resolve) {
      resolve?.(value);
      return NEVER;
    },
  };
}

/** A promise that has failed. */
export function failed(error: unknown): PromiseLike<never> {
  return {
    then(_, reject) {
      reject?.(error);
      return NEVER;
    },
  };
}

/** Nothing is chained to a promise that the pump takes. */
const NEVER = new Promise<never>(() => undefined);
