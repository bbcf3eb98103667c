// Text made safe and aligned for a terminal.

/**
 * What could move the cursor, end a line or turn the text around: control characters (C0, DEL, C1), format characters
 * (bidi controls, zero-width ones), lone surrogates, and the line and paragraph separators U+2028 and U+2029.
 */
export const UNSAFE_CHARACTERS = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** The text with every unsafe character as a \u{} escape. */
export function terminalText(text: string): string {
  return text.replace(UNSAFE_CHARACTERS, (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Rows with every column but the last padded to its widest text, two spaces apart. */
export function alignColumns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [column, text] of row.entries())
      widths[column] = Math.max(widths[column] ?? 0, text.length);
  return rows.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
