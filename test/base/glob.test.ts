import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Glob } from '../../src/base/glob.js'

const CASES: [pattern: string, matching: string[], others: string[]][] = [
  ['*.ts', ['a.ts', '.ts'], ['a/b.ts', 'a.tsx']],
  ['a?c', ['abc', 'a𝄞c'], ['a/c', 'ac', 'abbc']],
  ['**/*.ts', ['a.ts', 'x/y/a.ts'], ['a.js']],
  ['a/**', ['a/b', 'a/b/c'], ['a', 'b/a']],
  ['a/**/b', ['a/b', 'a/x/b', 'a/x/y/b'], ['ab', 'a/xb']],
  ['a**b', ['ab', 'axxb'], ['a/b']],
  ['[a-c]', ['a', 'c'], ['d', '-', '']],
  ['[!a-c]x', ['dx'], ['ax', '/x']],
  ['[]-]', [']', '-'], ['[']],
  ['[ab', ['[ab'], ['a']],
  ['{one,two}.txt', ['one.txt', 'two.txt'], ['three.txt', '{one,two}.txt']],
  ['{a,b{c,d}e,}f', ['af', 'bcef', 'bdef', 'f'], ['bf']],
  ['{a,b', ['{a,b'], ['a', 'b']],
  ['a},b', ['a},b'], ['a']],
  ['\\*\\{a\\}', ['*{a}'], ['xa']],
  ['', [''], ['a']],
]

for (const [pattern, matching, others] of CASES) {
  test(`pattern ${JSON.stringify(pattern)}`, () => {
    const glob = new Glob(pattern)
    for (const path of matching) assert.ok(glob.matches(path), `should match ${path}`)
    for (const path of others) assert.ok(!glob.matches(path), `should not match ${path}`)
  })
}

test('any text is a pattern, and what has nothing special in it matches itself only', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.string(),
      (pattern, path) => typeof new Glob(pattern).matches(path) === 'boolean',
    ),
  )
  fc.assert(
    fc.property(fc.stringMatching(/^[^*?[\]{},\\]*$/), fc.string(), (pattern, path) => {
      assert.ok(new Glob(pattern).matches(pattern))
      assert.equal(new Glob(pattern).matches(path), pattern === path)
    }),
  )
})

test('patterns agree with regular expressions', () => {
  const part = fc.constantFrom(
    ['*', '[^/]*'],
    ['?', '[^/]'],
    ['a', 'a'],
    ['/', '/'],
    ['[ab]', '[ab]'],
    ['{a,/b}', '(a|/b)'],
  )
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), fc.stringMatching(/^[ab/]{0,8}$/), (parts, path) => {
      const pattern = parts.map(([glob]) => glob).join('')
      fc.pre(!pattern.includes('**'))
      const expression = new RegExp(`^${parts.map(([, expression]) => expression).join('')}$`)
      assert.equal(new Glob(pattern).matches(path), expression.test(path))
    }),
  )
})

test('no pattern takes long', () => {
  const glob = new Glob(`${'*a'.repeat(200)}b`)
  assert.ok(!glob.matches('a'.repeat(2000)))
})
