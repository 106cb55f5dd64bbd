/** A burst ends with a pause of this length. */
const PAUSE_MS = 100
const LONGEST_MS = 5_000

/**
 * Hands on the first item at once, and then those together that come in quick succession, for 5 s at most: work on one of
 * thousands of items is dearer while the others are still coming.
 */
export async function* inBursts<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
): AsyncGenerator<readonly Item[]> {
  const iterator = each(items)
  const first = await iterator.next()
  if (first.done) return
  let isLeft = true
  try {
    yield [first.value]
    isLeft = false
  } finally {
    // Nothing is under way yet: the source closes at once.
    if (isLeft) await iterator.return(undefined)
  }
  let coming = iterator.next()
  for (let next = await coming; !next.done; next = await coming) {
    const burst = [next.value]
    coming = iterator.next()
    const endsAt = performance.now() + LONGEST_MS
    while (performance.now() < endsAt) {
      const quick = await withinPause(coming)
      if (quick === undefined || quick.done) break
      burst.push(quick.value)
      coming = iterator.next()
    }
    yield burst
  }
}

async function* each<Item>(items: Iterable<Item> | AsyncIterable<Item>): AsyncGenerator<Item, undefined> {
  yield* items
}

/** The result of `work`, or undefined if it takes too long. */
async function withinPause<Result>(work: Promise<Result>): Promise<Result | undefined> {
  let timer: NodeJS.Timeout | undefined
  const pause = new Promise<undefined>(resolve => {
    timer = setTimeout(() => resolve(undefined), PAUSE_MS)
  })
  try {
    return await Promise.race([work, pause])
  } finally {
    clearTimeout(timer)
  }
}
