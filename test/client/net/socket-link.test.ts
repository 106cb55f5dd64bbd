import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SocketLink } from '../../../src/client/net/socket-link.js'
import { PeerEncoder } from '../../../src/protocol/peer/encoder.js'

function linked() {
  let flushes = 0
  const link = new SocketLink({ waitingBytes: 0, end: () => {} }, () => {
    flushes++
  })
  return { link, flushes: () => flushes }
}

/** What is said one behind the other. */
function said(say: (encoder: PeerEncoder) => void): Uint8Array {
  const encoder = new PeerEncoder(() => {})
  say(encoder)
  return encoder.take()
}

describe('pieces that the peer has, too', () => {
  it('are no reason to write, and go before the next message', () => {
    const { link, flushes } = linked()
    link.haveToo(3)
    link.haveToo(4)
    assert.equal(link.pending, 0)
    assert.equal(flushes(), 0)

    link.choke()
    const expected = said(encoder => {
      encoder.have(3)
      encoder.have(4)
      encoder.choke()
    })
    assert.deepEqual(link.take(), expected)
  })

  it('go behind what waits to be written already', () => {
    const { link } = linked()
    link.choke()
    link.haveToo(3)
    const expected = said(encoder => {
      encoder.choke()
      encoder.have(3)
    })
    assert.deepEqual(link.take(), expected)
  })

  it('are said within a second, once', () => {
    const { link, flushes } = linked()
    link.haveToo(3)
    link.sayLate()
    link.sayLate()
    assert.equal(flushes(), 1)
    assert.deepEqual(
      link.take(),
      said(encoder => encoder.have(3)),
    )
  })
})
