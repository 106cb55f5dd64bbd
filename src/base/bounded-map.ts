/** A map of at most `limit` keys: the one that was set longest ago is dropped for a new one. */
export class BoundedMap<Key, Value> extends Map<Key, Value> {
  readonly #limit: number

  constructor(limit: number) {
    super()
    this.#limit = limit
  }

  /** Makes the key the newest one, even if it is there already. */
  override set(key: Key, value: Value): this {
    this.delete(key)
    super.set(key, value)
    dropOldest(this, this.#limit)
    return this
  }
}

/** A set of at most `limit` values: the one that was added longest ago is dropped for a new one. */
export class BoundedSet<Value> extends Set<Value> {
  readonly #limit: number

  constructor(limit: number) {
    super()
    this.#limit = limit
  }

  /** Makes the value the newest one, even if it is there already. */
  override add(value: Value): this {
    this.delete(value)
    super.add(value)
    dropOldest(this, this.#limit)
    return this
  }
}

/** Maps and sets are walked over in the order in which their keys came. */
function dropOldest<Key>(
  collection: { readonly size: number; keys(): Iterator<Key>; delete(key: Key): boolean },
  limit: number,
): void {
  if (collection.size <= limit) return
  const oldest = collection.keys().next()
  if (!oldest.done) collection.delete(oldest.value)
}
