// What keeps the packet filter from doing what it was asked.

/** Something that the user can mend: one sentence with the cure. */
export class PacketFilterError extends Error {
  /** A stable code, such as `nft.missing`. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PacketFilterError';
    this.code = code;
  }
}
