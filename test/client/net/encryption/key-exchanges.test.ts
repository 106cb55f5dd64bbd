import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it, mock } from 'node:test'
import { KeyExchanges } from '../../../../src/client/net/encryption/key-exchanges.js'

const BURST = 50
const PER_SECOND = 200

describe('key exchanges', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }))
  afterEach(() => mock.timers.reset())

  function setUp() {
    let now = 0
    const exchanges = new KeyExchanges(() => now)
    const made: string[] = []
    return {
      made,
      ask: (group: string) => {
        const turn = exchanges.ask(group, () => made.push(group))
        if (turn === 'now') made.push(group)
        return turn
      },
      pass: (ms: number) => {
        for (let at = 0; at < ms; at += 10) {
          now += 10
          mock.timers.tick(10)
        }
      },
    }
  }

  it('are made at once while they are few, and else at a fixed rate', () => {
    const { made, ask, pass } = setUp()
    for (let i = 0; i < 1_000; i++) ask('192.0.2.1')
    assert.equal(made.length, BURST)
    pass(1_000)
    assert.equal(made.length, BURST + PER_SECOND)
  })

  it('of an address do not wait for those of another', () => {
    const { made, ask, pass } = setUp()
    for (let i = 0; i < 1_000; i++) ask('192.0.2.1')
    ask('192.0.2.2')
    pass(20)
    assert.ok(made.includes('192.0.2.2'))
  })

  it('that were given up take no turn', () => {
    const { made, ask, pass } = setUp()
    for (let i = 0; i < BURST; i++) ask('192.0.2.1')
    const turn = ask('192.0.2.1')
    assert.ok(turn !== 'now')
    turn.cancel()
    pass(1_000)
    assert.equal(made.length, BURST)
  })
})
