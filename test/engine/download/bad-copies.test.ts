import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BadCopies } from '../../../src/engine/download/bad-copies.js'
import { type Contributor, newContributor } from '../../../src/engine/download/contributor.js'

/** A digest of 32 bytes for each number. */
function digestsOf(blocks: readonly number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(blocks.flatMap(block => [0, 0, 0, 0, 0, 0, 0, block])).buffer)
}

function peers(count: number): Contributor[] {
  return Array.from({ length: count }, (_, i) => newContributor({ host: `10.0.0.${i}`, port: 1 }))
}

test('exactly those contributors to bad copies are found whose blocks differ from the good ones', () => {
  const copy = fc.array(fc.record({ sender: fc.nat({ max: 4 }), isBad: fc.boolean() }), {
    minLength: 8,
    maxLength: 8,
  })
  fc.assert(
    fc.property(fc.array(copy, { minLength: 1, maxLength: 4 }), copies => {
      const all = peers(5)
      const records = new BadCopies()
      const liars = new Set<Contributor>()
      for (const [number, blocks] of copies.entries()) {
        for (const { sender, isBad } of blocks) if (isBad) liars.add(all[sender]!)
        const digests = digestsOf(blocks.map(({ isBad }, i) => (isBad ? 1_000 + number : i)))
        records.add(
          3,
          blocks.map(({ sender }) => all[sender]),
          digests,
        )
      }
      const found = records.judge(3, digestsOf(Array.from({ length: 8 }, (_, i) => i)))
      assert.deepEqual(found.liars, liars)
      const senders = new Set(copies.flat().map(({ sender }) => all[sender]!))
      assert.deepEqual(found.innocent, new Set([...senders].filter(sender => !liars.has(sender))))
      assert.equal(records.has(3), false)
    }),
  )
})

test('bad copies are bounded: those of the oldest pieces are forgotten', () => {
  const records = new BadCopies()
  const [peer] = peers(1)
  const blocks = Array.from({ length: 1_024 }, (_, i) => i)
  const senders = blocks.map(() => peer)
  for (let piece = 0; piece < 100; piece++) records.add(piece, senders, digestsOf(blocks))
  assert.deepEqual(
    [0, 35, 36, 99].map(piece => records.has(piece)),
    [false, false, true, true],
  )
  assert.equal(records.judge(0, digestsOf(blocks)).liars.size, 0)
})

test('a copy of more blocks than the bound is not kept', () => {
  const records = new BadCopies()
  records.add(0, new Array(70_000), new Uint8Array(70_000 * 32))
  assert.equal(records.has(0), false)
})
