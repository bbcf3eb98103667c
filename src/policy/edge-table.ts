// The edges of a tree in one flat table: (node, key) leads to a node. Three numbers an edge, where a Map for each node
// would be a hundred bytes and more; a policy with 100,000 rules has a million edges.

const EMPTY = -1;
const HASH_1 = 0x9e3779b1; // odd constants of mixing functions (Knuth's multiplicative hash, xxHash)
const HASH_2 = 0x85ebca77;

/** A hash table with open addressing, filled to half at most. */
export class EdgeTable {
  #nodes = new Int32Array(16).fill(EMPTY);
  #keys = new Int32Array(16);
  #children = new Int32Array(16);
  #size = 0;

  /** Adds an edge that is not there yet. */
  add(node: number, key: number, child: number): void {
    if (2 * (this.#size + 1) > this.#nodes.length) this.#grow();
    this.#place(node, key, child);
    this.#size++;
  }

  /** The node that an edge leads to; -1 if there is none. */
  child(node: number, key: number): number {
    const mask = this.#nodes.length - 1;
    let slot = hash(node, key) & mask;
    for (;;) {
      const owner = this.#nodes[slot];
      if (owner === EMPTY) return EMPTY;
      if (owner === node && this.#keys[slot] === key) return this.#children[slot] ?? EMPTY;
      slot = (slot + 1) & mask;
    }
  }

  #place(node: number, key: number, child: number): void {
    const mask = this.#nodes.length - 1;
    let slot = hash(node, key) & mask;
    while (this.#nodes[slot] !== EMPTY) slot = (slot + 1) & mask;
    this.#nodes[slot] = node;
    this.#keys[slot] = key;
    this.#children[slot] = child;
  }

  #grow(): void {
    const [nodes, keys, children] = [this.#nodes, this.#keys, this.#children];
    this.#nodes = new Int32Array(2 * nodes.length).fill(EMPTY);
    this.#keys = new Int32Array(2 * nodes.length);
    this.#children = new Int32Array(2 * nodes.length);
    for (const [slot, node] of nodes.entries())
      if (node !== EMPTY) this.#place(node, keys[slot] ?? 0, children[slot] ?? EMPTY);
  }
}

function hash(node: number, key: number): number {
  let mixed = Math.imul(node, HASH_1) ^ Math.imul(key, HASH_2);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, HASH_2);
  return mixed ^ (mixed >>> 13);
}
