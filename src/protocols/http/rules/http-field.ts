// A header field, as a name and a value.

/** A header field. */
export type HttpField = readonly [name: string, value: string];
