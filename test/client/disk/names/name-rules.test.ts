// What each platform and file system can hold: rules are values, so that those of all platforms are tested on any.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { inOneGo } from '../../../../src/base/steps.js'
import { foldFor, MERGES_ALL, MERGES_NOTHING } from '../../../../src/client/disk/names/folding.js'
import {
  canHold,
  fits,
  isWindowsName,
  type NamedThing,
  NamePlacer,
  type NameRules,
  POSIX_LIMIT,
  SHORTEST_LIMIT,
  UTF16_LIMIT,
} from '../../../../src/client/disk/names/name-rules.js'

const LINUX: NameRules = { isWindows: false, limit: POSIX_LIMIT, merging: MERGES_NOTHING }
const WINDOWS: NameRules = {
  isWindows: true,
  limit: UTF16_LIMIT,
  merging: { case: true, forms: false },
}
const MAC: NameRules = { isWindows: false, limit: POSIX_LIMIT, merging: MERGES_ALL }
const ENCRYPTED: NameRules = { isWindows: false, limit: SHORTEST_LIMIT, merging: MERGES_NOTHING }

function placed(rules: NameRules, ...names: (string | NamedThing)[]): string[] {
  const things = names.map(name => (typeof name === 'string' ? ({ name, kind: 'file' } as const) : name))
  const places = inOneGo(new NamePlacer(rules).placeAll(things))
  return things.map(thing => places.get(thing) ?? '')
}

const ODD = [
  'Who? What: "x".mkv',
  'a*b',
  'a|b',
  'a<b',
  'con.log',
  'aux.c',
  'lpt1.h',
  'dot.',
  'space ',
  'tab\there',
  'new\nline',
  'back\\slash',
]

describe('Linux', () => {
  test('changes no name, whatever Windows thinks of it', () => {
    const names = [...ODD, '\u202etxt', 'a\u200bb', 'README', 'readme', '\u00fc', 'u\u0308', 'x'.repeat(255)]
    assert.deepEqual(placed(LINUX, ...names), names)
  })

  test('cuts what is longer than the file system holds, and keeps the extension', () => {
    assert.deepEqual(placed(LINUX, `${'x'.repeat(252)}.txt`), [`${'x'.repeat(236)}.txt`])
    assert.deepEqual(placed(LINUX, `${'日'.repeat(85)}`, `a?${'日'.repeat(85)}.a`), [
      '日'.repeat(85),
      `a?${'日'.repeat(78)}.a`,
    ])
    assert.deepEqual(placed(ENCRYPTED, 'x'.repeat(143), `${'y'.repeat(150)}.txt`), [
      'x'.repeat(143),
      `${'y'.repeat(124)}.txt`,
    ])
    assert.deepEqual(placed({ ...LINUX, limit: UTF16_LIMIT }, '日'.repeat(255)), ['日'.repeat(255)])
  })

  test('numbers names that are the same once they are cut', () => {
    const [first, second] = placed(LINUX, `${'x'.repeat(300)}1`, `${'x'.repeat(300)}2`)
    assert.equal(first, 'x'.repeat(240))
    assert.equal(second, `${'x'.repeat(212)} (2)`)
  })
})

describe('Windows', () => {
  test('changes what it cannot hold', () => {
    assert.deepEqual(placed(WINDOWS, ...ODD), [
      'Who_ What_ _x_.mkv',
      'a_b',
      'a_b (2)',
      'a_b (3)',
      '_con.log',
      '_aux.c',
      '_lpt1.h',
      'dot',
      'space',
      'tab_here',
      'new_line',
      'back_slash',
    ])
    for (const name of ODD) assert.ok(!isWindowsName(name), JSON.stringify(name))
  })

  test('leaves what it can hold, odd as it may be', () => {
    const names = ['console', 'com10', '\u202etxt', 'a\u200bb', 'x'.repeat(255), '日'.repeat(255), 'a b.c']
    assert.deepEqual(placed(WINDOWS, ...names), names)
  })

  test('leaves a name to the one that has it by right', () => {
    assert.deepEqual(placed(WINDOWS, 'a?b', 'a_b'), ['a_b (2)', 'a_b'])
  })

  test('tells twins apart, a folder by a number at its end', () => {
    assert.deepEqual(placed(WINDOWS, 'README.txt', 'readme.txt', { name: 'Readme.TXT', kind: 'folder' }), [
      'README.txt',
      'readme (2).txt',
      'Readme.TXT (2)',
    ])
    assert.deepEqual(placed(WINDOWS, '\u00fc', 'u\u0308'), ['\u00fc', 'u\u0308'])
  })
})

describe('macOS', () => {
  test('takes the names of Windows, and merges both case and form', () => {
    assert.deepEqual(placed(MAC, ...ODD), ODD)
    assert.deepEqual(placed(MAC, '\u00fc', 'u\u0308', '\u00dc'), ['\u00fc', 'u\u0308 (2)', '\u00dc (3)'])
  })
})

test('names in use are left alone', () => {
  const things = [{ name: 'a', kind: 'file' }] as const
  const places = inOneGo(new NamePlacer(MAC, ['A']).placeAll(things))
  assert.deepEqual([...places.values()], ['a (2)'])
})

test('whatever the names and the rules, the file system can hold all, and no two are one', () => {
  const anyName = fc
    .oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }),
      fc.constantFrom(
        'a',
        'A',
        'a?',
        'a*',
        'con',
        'x.',
        'x',
        'ü',
        'u\u0308',
        '日'.repeat(90),
        '日'.repeat(89),
      ),
    )
    .map(name => name.replaceAll(/[/\0\p{Cs}]/gu, '_'))
    .filter(name => !['', '.', '..'].includes(name))
  fc.assert(
    fc.property(
      fc.array(anyName, { maxLength: 20 }),
      fc.constantFrom(LINUX, WINDOWS, MAC, ENCRYPTED),
      (names, rules) => {
        const places = placed(rules, ...names)
        for (const place of places) assert.ok(canHold(place, rules), place)
        assert.equal(new Set(places.map(foldFor(rules.merging))).size, places.length)
        const distinct = new Set(names.map(foldFor(rules.merging))).size === names.length
        if (distinct)
          for (const [i, name] of names.entries()) if (canHold(name, rules)) assert.equal(places[i], name)
      },
    ),
    { numRuns: 1_000 },
  )
})

test('limits count bytes or units', () => {
  assert.ok(fits('日'.repeat(85), POSIX_LIMIT) && !fits('日'.repeat(86), POSIX_LIMIT))
  assert.ok(fits('日'.repeat(255), UTF16_LIMIT) && !fits('x'.repeat(256), UTF16_LIMIT))
  assert.ok(!fits('x'.repeat(50_000_000), POSIX_LIMIT))
})
