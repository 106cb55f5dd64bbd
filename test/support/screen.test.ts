import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wrapped } from './screen.js'

test('a line that is wider than the window is broken between words', () => {
  assert.deepEqual(wrapped('  ada      short', 20), ['  ada      short'])
  assert.deepEqual(wrapped('  ada      one two three four', 20), [
    '  ada      one two',
    '           three',
    '           four',
  ])
  const long = 'x'.repeat(30)
  assert.deepEqual(wrapped(`  ada      see ${long} there`, 20), [
    '  ada      see',
    `           ${long}`,
    '           there',
  ])
})
