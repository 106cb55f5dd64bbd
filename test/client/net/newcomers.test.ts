import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Newcomers } from '../../../src/client/net/newcomers.js'

const MOST = 128
const MOST_OF_ONE = 32

interface Silent {
  readonly remote: { readonly host: string; readonly port: number }
  isEnded: boolean
  end(): void
}

/** Connections that say nothing, of the host that is named. */
class Arrivals {
  readonly newcomers = new Newcomers<Silent>()

  from(host: string, count = 1): Silent[] {
    return Array.from({ length: count }, (_, port) => {
      const silent: Silent = {
        remote: { host, port },
        isEnded: false,
        end: () => {
          silent.isEnded = true
          this.newcomers.delete(silent)
        },
      }
      this.newcomers.add(silent)
      return silent
    })
  }

  /** One of each of `count` hosts. */
  fromMany(count: number): Silent[] {
    return Array.from({ length: count }, (_, i) => this.from(`10.0.${i >> 8}.${i & 255}`)).flat()
  }
}

const ended = (silents: readonly Silent[]) => silents.map(({ isEnded }) => isEnded)

describe('connections that have said nothing', () => {
  it('of one host give way to each other, the oldest first, and to no others', () => {
    const arrivals = new Arrivals()
    const [other] = arrivals.from('192.0.2.1') as [Silent]
    const crowd = arrivals.from('192.0.2.2', MOST_OF_ONE + 3)
    assert.deepEqual(ended(crowd).slice(0, 4), [true, true, true, false])
    assert.equal(arrivals.newcomers.size, MOST_OF_ONE + 1)
    assert.ok(!other.isEnded)
  })

  it('of one /64 count as of one host', () => {
    const arrivals = new Arrivals()
    for (let i = 0; i < 100; i++) arrivals.from(`2001:db8::${i.toString(16)}`)
    assert.equal(arrivals.newcomers.size, MOST_OF_ONE)
  })

  it('where there are too many, give way where a host has most of them', () => {
    const arrivals = new Arrivals()
    const crowd = arrivals.from('192.0.2.2', MOST_OF_ONE)
    const others = arrivals.fromMany(MOST - MOST_OF_ONE + 5)
    assert.deepEqual(ended(crowd).slice(0, 6), [true, true, true, true, true, false])
    assert.ok(others.every(({ isEnded }) => !isEnded))
  })

  it('where each host has one, the oldest goes', () => {
    const arrivals = new Arrivals()
    const silents = arrivals.fromMany(MOST + 2)
    assert.deepEqual(ended(silents).slice(0, 3), [true, true, false])
    assert.equal(arrivals.newcomers.size, MOST)
  })

  it('take no place once they have said their handshake', () => {
    const arrivals = new Arrivals()
    for (let round = 0; round < 10; round++) {
      for (const silent of arrivals.from('192.0.2.2', MOST_OF_ONE)) arrivals.newcomers.delete(silent)
    }
    assert.equal(arrivals.newcomers.size, 0)
    assert.ok(arrivals.from('192.0.2.2', MOST_OF_ONE).every(({ isEnded }) => !isEnded))
  })
})
