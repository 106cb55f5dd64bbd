import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SeededRandom, shuffle } from '../../../src/base/random.js'
import { uint32 } from '../../../src/protocol/peer/dispatch.js'
import { PeerEncoder, writeBlockHeader } from '../../../src/protocol/peer/encoder.js'
import { HANDSHAKE_LENGTH } from '../../../src/protocol/peer/handshake.js'
import { plainInfo } from '../../engine/support/joined-engines.js'
import { RequestTable } from './request-table.js'
import { Sink } from './sink.js'

const REQUEST_LENGTH = 17
const PIECES = 200

/** The requests that are due now, as one sends them. */
function ask(sink: Sink): Uint8Array[] {
  const asked: Uint8Array[] = []
  for (let due = sink.nextRequests(); due.length > 0; due = sink.nextRequests()) {
    for (let at = 0; at < due.length; at += REQUEST_LENGTH) asked.push(due.subarray(at, at + REQUEST_LENGTH))
  }
  return asked
}

function answer(sink: Sink, request: Uint8Array): void {
  const length = uint32(request, 13)
  const message = new Uint8Array(13 + length)
  writeBlockHeader(new DataView(message.buffer), 0, uint32(request, 5), uint32(request, 9), length)
  sink.take(message)
}

function say(sink: Sink, what: 'choke' | 'unchoke'): void {
  const encoder = new PeerEncoder(() => {})
  encoder[what]()
  sink.take(encoder.take())
}

describe('a leecher that throws everything away', () => {
  it('asks for each block once, and anew for what a choke dropped, in whatever order blocks come', () => {
    const seed = Math.floor(Math.random() * 2 ** 32)
    const random = new SeededRandom(seed)
    const info = plainInfo(PIECES)
    const table = new RequestTable(info)
    const sink = new Sink(table, new Uint8Array(20), 'test', 17)
    sink.take(new Uint8Array(HANDSHAKE_LENGTH))
    assert.deepEqual(ask(sink), [], 'it asks while it is choked')
    say(sink, 'unchoke')

    const came = new Set<string>()
    let asked = ask(sink)
    let chokes = 0
    while (asked.length > 0) {
      const [request, ...rest] = shuffle(asked, random)
      asked = rest
      answer(sink, request!)
      const key = `${uint32(request!, 5)} ${uint32(request!, 9)}`
      assert.ok(!came.has(key), `asked twice: ${key}, seed ${seed}`)
      came.add(key)
      if (random.below(100) === 0) {
        say(sink, 'choke')
        assert.deepEqual(ask(sink), [])
        say(sink, 'unchoke')
        asked = []
        chokes++
      }
      asked.push(...ask(sink))
    }
    assert.ok(chokes > 0, `no choke was injected, seed ${seed}`)
    assert.equal(came.size, table.blockCount, `seed ${seed}`)
    assert.equal(sink.bytes, info.size)
  })
})
