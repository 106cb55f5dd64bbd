import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { concatBytes } from '../../src/base/bytes.js'
import type { HandshakeProgress } from '../../src/protocol/encryption/agreement.js'
import { EncryptionError } from '../../src/protocol/encryption/encryption-error.js'
import { initiator, responder } from '../protocol/encryption/sides.js'

/** Public key, padding with its mark, torrent, offer, padding with the length of what is said ahead. */
const LONGEST_HANDSHAKE = 96 + (512 + 20) + 20 + 14 + (512 + 2)

type Outcome = 'agreed' | 'refused' | 'unfinished'

/** Feeds a side in parts of this length; it agrees, refuses, or still waits for less than a whole handshake. */
function feed(
  side: { push(bytes: Uint8Array): HandshakeProgress },
  bytes: Uint8Array,
  part: number,
): { outcome: Outcome; said: Uint8Array } {
  const said: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += part) {
    try {
      const progress = side.push(bytes.slice(at, at + part))
      said.push(progress.send)
      if (progress.type === 'agreed') return { outcome: 'agreed', said: concatBytes(said) }
      assert.ok(Math.min(at + part, bytes.length) < LONGEST_HANDSHAKE, 'takes more than any handshake has')
    } catch (thrown) {
      if (!(thrown instanceof EncryptionError)) throw thrown
      assert.doesNotMatch(thrown.message, /\n/)
      return { outcome: 'refused', said: concatBytes(said) }
    }
  }
  return { outcome: 'unfinished', said: concatBytes(said) }
}

/** Lets two sides talk, with each thing that is said changed on its way. */
function talk(seed: number, change: (step: number, said: Uint8Array) => Uint8Array, part: number): Outcome {
  const [a, b] = [initiator(seed), responder(seed)]
  const first = feed(b, change(0, a.begin()), part)
  if (first.outcome !== 'unfinished') return first.outcome
  const second = feed(a, change(1, first.said), part)
  if (second.outcome !== 'unfinished') return second.outcome
  const third = feed(b, change(2, second.said), part)
  if (third.outcome !== 'agreed') return third.outcome
  return feed(a, change(3, third.said), part).outcome
}

const part = fc.integer({ min: 1, max: 2_000 })
const noise = fc.uint8Array({ maxLength: 3_000, size: 'max' })
const seed = fc.nat(20)
const place = fc.integer({ min: 0, max: 9_999 }).map(tenThousandths => tenThousandths / 10_000)
const changes = fc.array(
  fc.record({ place, cut: fc.nat({ max: 3 }), scrap: fc.uint8Array({ maxLength: 3 }) }),
  {
    minLength: 1,
    maxLength: 3,
  },
)

function changed(bytes: Uint8Array, list: readonly { place: number; cut: number; scrap: Uint8Array }[]) {
  let result = bytes
  for (const { place, cut, scrap } of list) {
    const at = Math.floor(place * result.length)
    result = concatBytes([result.subarray(0, at), scrap, result.subarray(at + cut)])
  }
  return result
}

describe('an encrypted handshake is agreed on or refused, never anything else', () => {
  test('with noise', () => {
    const outcomes = { agreed: 0, refused: 0, unfinished: 0 }
    fc.assert(
      fc.property(seed, noise, part, (seed, bytes, part) => {
        outcomes[feed(responder(seed), bytes, part).outcome]++
        outcomes[feed(initiator(seed), bytes, part).outcome]++
      }),
      { numRuns: 500 },
    )
    assert.equal(outcomes.agreed, 0)
    assert.ok(outcomes.refused > 100 && outcomes.unfinished > 100, JSON.stringify(outcomes))
  })

  test('with noise behind a key that is right', () => {
    fc.assert(
      fc.property(seed, noise, part, (seed, bytes, part) => {
        const key = initiator(seed).begin().subarray(0, 96)
        const { outcome } = feed(responder(seed), concatBytes([key, bytes]), part)
        assert.equal(outcome, bytes.length < 512 + 20 ? 'unfinished' : 'refused')
      }),
      { numRuns: 500 },
    )
  })

  test('with what a side says changed on its way', () => {
    const outcomes = { agreed: 0, refused: 0, unfinished: 0 }
    fc.assert(
      fc.property(seed, fc.nat(3), changes, part, (seed, step, changes, part) => {
        outcomes[talk(seed, (number, bytes) => (number === step ? changed(bytes, changes) : bytes), part)]++
      }),
      { numRuns: 1_000 },
    )
    for (const [outcome, count] of Object.entries(outcomes))
      assert.ok(count > 50, `${outcome}: ${JSON.stringify(outcomes)}`)
  })
})
