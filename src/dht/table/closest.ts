import { compareDistance } from '../../protocol/dht/node-id.js'
import type { Bucket, TableNode } from './bucket.js'

/**
 * The nodes closest to a target, the closest first. The bucket that the target belongs to has the closest; then come those of the
 * buckets behind it, all as far as each other, and then the buckets before it, one after the other.
 * @param shared the number of first bits that the target shares with our own id
 */
export function closestIn(
  buckets: readonly Bucket[],
  shared: number,
  target: Uint8Array,
  count: number,
  isFit: (node: TableNode) => boolean,
): TableNode[] {
  const last = buckets.length - 1
  const own = Math.min(shared, last)
  const found: TableNode[] = []
  const take = (from: number, to: number) => {
    const group: TableNode[] = []
    for (let index = from; index <= to; index++) {
      for (const node of buckets[index]?.nodes ?? []) if (isFit(node)) group.push(node)
    }
    group.sort((a, b) => compareDistance(a.id, b.id, target))
    for (const node of group) if (found.length < count) found.push(node)
  }
  take(own, own)
  if (found.length < count) take(own + 1, last)
  for (let index = own - 1; index >= 0 && found.length < count; index--) take(index, index)
  return found
}
