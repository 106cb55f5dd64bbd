import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { NO_SLOT, SlotMemory } from '../../../src/client/disk/slot-memory.js'

const SLOT = 2 ** 18

test('what is handed out never overlaps, and comes back whole', () => {
  const sizes = fc.constantFrom(2 ** 14, 2 ** 15, 2 ** 16, 2 ** 17, SLOT)
  const step = fc.oneof(
    fc.record({ type: fc.constant('take' as const), size: sizes }),
    fc.record({ type: fc.constant('give' as const), which: fc.nat(1000) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), steps => {
      const memory = new SlotMemory(3 * SLOT)
      const taken: { at: number; size: number }[] = []
      for (const step of steps) {
        if (step.type === 'take') {
          const at = memory.take(step.size)
          if (at === NO_SLOT) continue
          assert.equal(at % step.size, 0)
          assert.ok(at >= 0 && at + step.size <= memory.bytes.length)
          for (const other of taken) assert.ok(at >= other.at + other.size || other.at >= at + step.size)
          taken.push({ at, size: step.size })
        } else {
          const [given] = taken.splice(step.which % Math.max(1, taken.length), 1)
          if (given !== undefined) memory.give(given.at, given.size)
        }
        const used = taken.reduce((sum, { size }) => sum + size, 0)
        assert.equal(memory.freeBytes, 3 * SLOT - used)
      }
      for (const { at, size } of taken) memory.give(at, size)
      assert.deepEqual(
        [SLOT, SLOT, SLOT, SLOT].map(size => memory.take(size)).sort((a, b) => a - b),
        [NO_SLOT, 0, SLOT, 2 * SLOT],
      )
    }),
  )
})

test('small parts share a slot, and warm memory is handed out first', () => {
  const memory = new SlotMemory(2 * SLOT)
  assert.deepEqual(
    [1, 2, 3, 4].map(() => memory.take(2 ** 16)),
    [0, 2 ** 16, 2 ** 17, 3 * 2 ** 16],
  )
  assert.equal(memory.take(SLOT), SLOT)
  assert.equal(memory.take(2 ** 14), NO_SLOT)
  memory.give(2 ** 16, 2 ** 16)
  assert.equal(memory.take(2 ** 16), 2 ** 16)
})
