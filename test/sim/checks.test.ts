import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Bitfield } from '../../src/base/bitfield.js'
import { exceeded, type Use } from '../../src/sim/checks/bounds.js'
import { checkFinished } from '../../src/sim/checks/completion.js'
import { checkConserved } from '../../src/sim/checks/conservation.js'
import { Violation, type ViolationCode } from '../../src/sim/checks/violation.js'
import { many, peer, seed, swarm } from '../../src/sim/scenarios/hosts.js'
import type { SwarmSize } from '../../src/sim/scenarios/scenario.js'
import type { HostPlan } from '../../src/sim/world/host-plan.js'
import { SwarmRun } from '../../src/sim/world/swarm-run.js'

const SIZE: SwarmSize = { peers: 4, pieces: 12, pieceLength: 65_536, pick: 'random', degree: 8 }

const violates = (code: ViolationCode, work: () => void) =>
  assert.throws(work, error => error instanceof Violation && error.code === code)

/** A run in which `spoil` is called once the first block has come. */
function runSpoiled(spoil: (run: SwarmRun) => void): void {
  const run = new SwarmRun(swarm(SIZE, [seed(), ...many(SIZE.peers, () => peer())]), 1)
  run.queue.plan(3_000, { run: () => spoil(run) })
  run.run()
}

describe('every invariant of a run is seen when it is broken', () => {
  test('a block that was not requested', () => {
    violates('unasked-block', () =>
      runSpoiled(({ hosts: [, victim, liar] }) => {
        const [there] = victim!.torrent.peers
        // The engine believes that it has requested the block, and the network saw no request.
        there!.ledger.requests.push(0, 0)
        victim!.torrent.picker.isExpected = () => true
        victim!.receive(there!, {
          ...{ piece: 0, offset: 0, length: 16_384 },
          ...{ isGood: true, wasAsked: false, from: liar! },
        })
      }),
    )
  })

  test('a piece that is announced but not there', () => {
    violates('unverified-piece', () =>
      runSpoiled(({ hosts: [, sender] }) => {
        const [wire] = sender!.connections
        const lacking = Array.from({ length: SIZE.pieces }, (_, i) => i).find(
          piece => !sender!.store.verified.has(piece),
        )
        wire!.have(lacking!)
      }),
    )
  })

  test('a bitfield with a piece that is not there', () => {
    violates('unverified-piece', () =>
      runSpoiled(({ hosts: [, sender] }) => {
        const [wire] = sender!.connections
        wire!.bitfield(Bitfield.full(SIZE.pieces).bytes)
      }),
    )
  })

  test('a peer dropped for a breach that it did not commit', () => {
    violates('wrongly-dropped', () =>
      runSpoiled(({ hosts: [, host] }) => {
        const [there] = host!.torrent.peers
        there!.drop('protocol-error', 'made up')
      }),
    )
  })

  test('a host with more connections than it may have', () => {
    violates('bound-exceeded', () =>
      runSpoiled(run => {
        Object.defineProperty(run, 'maxPeers', { value: 1 })
      }),
    )
  })

  test('bytes that the network did not carry', () => {
    violates('bytes-not-conserved', () =>
      runSpoiled(({ hosts: [, host] }) => {
        host!.record.received += 1
      }),
    )
  })
})

test('each bound is checked', () => {
  const within: Use = {
    ...{ peers: 40, maxPeers: 40, webSeeds: 0, candidates: 2_000, begunPieces: 80 },
    ...{ requests: 4_000, window: 4_000, uploads: 2_000 },
  }
  assert.equal(exceeded(within), undefined)
  for (const key of ['peers', 'candidates', 'begunPieces', 'requests', 'window', 'uploads'] as const) {
    assert.match(exceeded({ ...within, [key]: within[key] + 1 }) ?? '', /of at most/, key)
  }
})

/** A host with all pieces but these. */
function hostWithout(lacking: readonly number[], plan: HostPlan, isPresent = true) {
  const verified = Bitfield.full(4)
  for (const piece of lacking) verified.delete(piece)
  const completedAt = lacking.length === 0 ? 1 : undefined
  return { id: 3, plan, isPresent, store: { verified }, record: { completedAt } }
}

test('a host that could complete and has not is reported', () => {
  const late = hostWithout([2], peer())
  violates('not-finished', () => checkFinished([late, hostWithout([], seed())], [], 0))
  violates('not-finished', () => checkFinished([late, hostWithout([1], peer())], [], 0))
})

test('no host is reported where a piece is lost, or only a liar has it', () => {
  const late = hostWithout([2], peer())
  checkFinished([late, hostWithout([2], peer())], [], 0)
  checkFinished([late, hostWithout([], seed(), false)], [], 0)
  checkFinished([late, hostWithout([], peer({ behaviour: 'liar' }))], [], 0)
})

test('bytes that were sent, and neither received nor lost, are reported', () => {
  violates('bytes-not-conserved', () =>
    checkConserved([], [], { sent: 10, received: 0, lost: 0, underWay: 9, messages: 0 }, 0),
  )
  checkConserved([], [], { sent: 0, received: 0, lost: 0, underWay: 0, messages: 0 }, 0)
})
