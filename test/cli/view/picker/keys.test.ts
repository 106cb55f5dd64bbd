import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { keysIn } from '../../../../src/cli/view/picker/keys.js'

function typed(chunk: string): string[] {
  return Array.from(keysIn(chunk), key => (key.type === 'text' ? `'${key.text}'` : key.type))
}

test('keys come alone, or several in one chunk', () => {
  assert.deepEqual(typed('\x1b[A'), ['up'])
  assert.deepEqual(typed('\x1b'), ['escape'])
  assert.deepEqual(typed('\x1b[B\x1bOBx \r'), ['down', 'down', "'x'", 'space', 'enter'])
  assert.deepEqual(typed('\x7f\x03\x01'), ['backspace', 'interrupt', 'all'])
  assert.deepEqual(typed('ü漢😀'), ["'ü'", "'漢'", "'😀'"])
})

test('sequences and control characters that mean nothing are left out', () => {
  assert.deepEqual(typed('\x1b[1;5C\x1b[200~\x1bOP\x00\t\u200e'), [])
})

test('whatever comes, text has no control character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), chunk => {
      for (const key of keysIn(chunk)) if (key.type === 'text') assert.doesNotMatch(key.text, /\p{Cc}/u)
    }),
  )
})
