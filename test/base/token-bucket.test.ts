import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { TokenBucket } from '../../src/base/token-bucket.js'

/** Takes parts of that size every `tickMs` while any bytes are left; returns the bytes of all seconds. */
function passedIn(bucket: TokenBucket, seconds: number, part: number, tickMs: number): number {
  let passed = 0
  for (let now = 0; now < seconds * 1_000; now += tickMs) {
    while (bucket.hasSome(now)) {
      bucket.take(part)
      passed += part
    }
  }
  return passed
}

function bucketOf(rate: number, parent?: TokenBucket): TokenBucket {
  const bucket = new TokenBucket(parent)
  bucket.setRate(rate, 0)
  return bucket
}

describe('a token bucket', () => {
  for (const [rate, part, tickMs] of [
    [102_400, 16_384, 25],
    [102_400, 1, 25],
    [102_400, 1_448, 200],
    [100_000_000, 262_144, 25],
    [100_000_000, 16_384, 240],
    [2 ** 40, 262_144, 25],
  ] as const) {
    it(`lets ${rate} bytes a second pass in parts of ${part}, looked at every ${tickMs} ms`, () => {
      const passed = passedIn(bucketOf(rate), 10, part, tickMs)
      // The last part may be overdrawn, and of the last tick nothing has passed yet.
      assert.ok(Math.abs(passed - 10 * rate) <= part + (rate * tickMs) / 1_000, `${passed}`)
    })
  }

  it('begins with nothing, and saves up no more than a quarter of a second', () => {
    const bucket = bucketOf(1_000)
    assert.ok(!bucket.hasSome(0))
    assert.ok(bucket.hasSome(3_600_000))
    bucket.take(250)
    assert.ok(!bucket.hasSome(3_600_000))
  })

  it('waits off what was taken too much', () => {
    const bucket = bucketOf(1_000)
    assert.ok(bucket.hasSome(100))
    bucket.take(1_100)
    assert.ok(!bucket.hasSome(1_100))
    assert.ok(bucket.hasSome(1_101))
  })

  it('takes back what is not used', () => {
    const bucket = bucketOf(1_000)
    bucket.take(1_000)
    bucket.take(-999)
    assert.ok(!bucket.hasSome(1))
    assert.ok(bucket.hasSome(2))
  })

  it('has no end without a limit', () => {
    const bucket = new TokenBucket()
    bucket.take(1e15)
    assert.ok(bucket.hasSome(0))
    assert.equal(bucket.lowestRate, Number.POSITIVE_INFINITY)
  })

  it('holds to the lower of two rates below another bucket', () => {
    for (const [own, above] of [
      [1_000, 5_000],
      [5_000, 1_000],
      [Number.POSITIVE_INFINITY, 1_000],
      [1_000, Number.POSITIVE_INFINITY],
    ] as const) {
      const bucket = bucketOf(own, bucketOf(above))
      assert.equal(bucket.lowestRate, 1_000)
      assert.ok(Math.abs(passedIn(bucket, 10, 10, 10) - 10_000) <= 20)
    }
  })

  it('takes from the one above what others then lack', () => {
    const session = bucketOf(1_000)
    const one = bucketOf(Number.POSITIVE_INFINITY, session)
    const other = bucketOf(Number.POSITIVE_INFINITY, session)
    one.take(1_000)
    assert.ok(!other.hasSome(1_000))
    assert.ok(other.hasSome(1_001))
  })

  it('forgets what was owed when the rate changes', () => {
    const bucket = bucketOf(1_000)
    bucket.take(1_000_000)
    bucket.setRate(10, 5_000)
    assert.ok(!bucket.hasSome(5_000))
    assert.ok(bucket.hasSome(5_001))
  })
})
