// Colours of a terminal, in one place: where they are not wanted, `paint` gives the text back.

/** The few colours that Zorp uses. */
export type Colour = 'red' | 'green' | 'yellow' | 'cyan' | 'dim' | 'bold';

/** Paints a text. */
export type Paint = (colour: Colour, text: string) => string;

const CODES: Readonly<Record<Colour, number>> = {
  red: 31,
  green: 32,
  yellow: 33,
  cyan: 36,
  dim: 2,
  bold: 1,
};

/** For outputs without colours. */
export const plainPaint: Paint = (_colour, text) => text;

const colourPaint: Paint = (colour, text) => `\u001b[${CODES[colour]}m${text}\u001b[0m`;

/**
 * Colours are for terminals only, and never with NO_COLOR set to anything (https://no-color.org) or on a terminal that
 * calls itself dumb.
 */
export function paintFor(
  isTerminal: boolean,
  environment: Readonly<Record<string, string | undefined>>,
): Paint {
  const isUnwanted = (environment['NO_COLOR'] ?? '') !== '' || environment['TERM'] === 'dumb';
  return isTerminal && !isUnwanted ? colourPaint : plainPaint;
}
