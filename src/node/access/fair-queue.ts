/** A queue that serves networks in turn: many items of one network delay another network by one item. */
export class FairQueue<T> {
  /** In the order in which they are served. No set is empty. */
  private readonly networks = new Map<string, Set<T>>();

  get size(): number {
    return [...this.networks.values()].reduce((sum, { size }) => sum + size, 0);
  }

  add(network: string, item: T): void {
    const items = this.networks.get(network) ?? new Set();
    this.networks.set(network, items.add(item));
  }

  /** Removes and returns the next item. */
  next(): T | undefined {
    for (const [network, items] of this.networks) {
      for (const item of items) {
        this.remove(network, item);
        // Move this network to the end.
        if (this.networks.delete(network)) this.networks.set(network, items);
        return item;
      }
    }
    return undefined;
  }

  remove(network: string, item: T): void {
    const items = this.networks.get(network);
    items?.delete(item);
    if (items?.size === 0) this.networks.delete(network);
  }
}
