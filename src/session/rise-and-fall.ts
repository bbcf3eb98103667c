// When a server counts as up or down, by the results of its checks. Pure.

/** How many checks in a row change it. */
export interface RiseAndFall {
  readonly rise: number;
  readonly fall: number;
}

/** What is known of a server. */
export interface UpState {
  readonly isUp: boolean;
  /** Checks in a row that said the contrary. */
  readonly contrary: number;
}

/** Before the first check a server counts as up: otherwise a start would refuse everybody for a moment. */
export const AT_FIRST: UpState = Object.freeze({ isUp: true, contrary: 0 });

/** What is known after one more check. */
export function afterCheck(
  state: UpState,
  succeeded: boolean,
  { rise, fall }: RiseAndFall,
): UpState {
  if (succeeded === state.isUp) return state.contrary === 0 ? state : { ...state, contrary: 0 };
  const contrary = state.contrary + 1;
  const needed = state.isUp ? fall : rise;
  return contrary < needed ? { ...state, contrary } : { isUp: succeeded, contrary: 0 };
}
