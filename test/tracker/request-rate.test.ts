import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { clientAt, type TrackerClient } from '../../src/tracker/client.js'
import { RequestRate } from '../../src/tracker/request-rate.js'

const RATES = { requestsPerSecond: 10, requestBurst: 20 }
const UNLIMITED = { requestsPerSecond: Number.POSITIVE_INFINITY, requestBurst: Number.POSITIVE_INFINITY }

function newRate(): RequestRate {
  return new RequestRate({ internet: RATES, private: RATES, loopback: UNLIMITED })
}

function client(remote: string): TrackerClient {
  const found = clientAt(remote)
  assert.ok(found !== undefined)
  return found
}

const ONE = client('198.51.100.1')
const OTHER = client('198.51.100.2')

/** Requests of `count` that are granted, all at once. */
function granted(rate: RequestRate, who: TrackerClient, count: number, now: number): number {
  return Array.from({ length: count }, () => rate.take(who, 1, now)).filter(Boolean).length
}

describe('the rate of requests of an address', () => {
  it('lets a burst pass, then as many as the rate says', () => {
    const rate = newRate()
    assert.equal(granted(rate, ONE, 20, 0), 20)
    let later = 0
    for (let now = 100; now <= 10_000; now += 100) later += granted(rate, ONE, 1, now)
    assert.equal(later, 100)
  })

  it('is nothing to another address, and no limit where none is set', () => {
    const rate = newRate()
    granted(rate, ONE, 100, 0)
    assert.equal(granted(rate, OTHER, 20, 0), 20)
    assert.equal(granted(rate, client('127.0.0.1'), 100_000, 0), 100_000)
  })

  it('counts what is refused, so that going on regardless is refused for longer', () => {
    const rate = newRate()
    granted(rate, ONE, 1000, 0)
    assert.equal(granted(rate, ONE, 1, 1000), 0)
    // Twice the burst, of 10 a second, has leaked away by then.
    assert.equal(granted(rate, ONE, 20, 4100), 20)
  })

  it('tells a flood from a client that came too early', () => {
    const rate = newRate()
    granted(rate, ONE, 25, 0)
    assert.equal(rate.isFlooding(ONE, 0), false)
    granted(rate, ONE, 10, 0)
    assert.equal(rate.isFlooding(ONE, 0), true)
    assert.equal(rate.isFlooding(ONE, 600), false)
  })

  it('takes more for what costs more', () => {
    const rate = newRate()
    assert.ok(rate.take(ONE, 10, 0))
    assert.ok(rate.take(ONE, 10, 0))
    assert.ok(!rate.take(ONE, 10, 0))
  })

  it('remembers an address for as long as it matters, whatever others do meanwhile', () => {
    const rate = newRate()
    granted(rate, ONE, 40, 0)
    for (let i = 0; i < 50_000; i++) {
      rate.take(client(`198.18.${i >> 8}.${i & 255}`), 1, (3000 * i) / 50_000)
    }
    assert.equal(granted(rate, ONE, 1, 1900), 0)
    assert.equal(granted(rate, ONE, 1, 4100), 1)
  })
})
