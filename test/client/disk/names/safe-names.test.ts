import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { toUtf8 } from '../../../../src/base/bytes.js'
import { inOneGo } from '../../../../src/base/steps.js'
import { foldedName } from '../../../../src/client/disk/names/folding.js'
import { earlierNames, type NamedThing } from '../../../../src/client/disk/names/name-rules.js'
import { fittedName, MAX_NAME_BYTES, safeName } from '../../../../src/client/disk/names/safe-names.js'

function becomes(cases: readonly (readonly [name: string, safe: string])[]): void {
  for (const [name, safe] of cases) assert.equal(safeName(name), safe, JSON.stringify(name))
}

describe('an ordinary name stays as it is', () => {
  const names = [
    'file.txt',
    '.hidden',
    '-n',
    '~',
    'two  spaces',
    " 'quoted' & (more) [1080p] {x} #1 100% $HOME `;",
    'ünïcödé',
    'u\u0308 decomposed',
    '日本語.tar.gz',
    'Ελληνικά',
    'עברית.pdf',
    'می‌خواهم.txt',
    'क्‍ष',
    '😀.png',
    '👨‍👩‍👧‍👦 family',
    '🏳️‍🌈',
    '❤️‍🔥',
    '👩🏽‍💻',
    '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}',
    'console',
    'com',
    'com10',
    'nullable.txt',
    'a.b.c',
    '..a',
    '...and more',
    'x'.repeat(240),
  ]
  for (const name of names) test(JSON.stringify(name), () => assert.equal(safeName(name), name))
})

describe('what is not ordinary becomes harmless', () => {
  test('paths in a name', () => {
    becomes([
      ['../../etc/passwd', '.._.._etc_passwd'],
      ['..\\..\\x', '.._.._x'],
      ['/etc', '_etc'],
      ['C:\\x', 'C__x'],
      ['a/b', 'a_b'],
    ])
  })

  test('names that mean a folder', () => {
    becomes([
      ['', '_'],
      ['.', '_'],
      ['..', '_'],
      ['...', '_'],
      [' ', '_'],
      ['. .', '_'],
    ])
  })

  test('control characters and NUL', () => {
    becomes([
      ['a\0b', 'a_b'],
      ['a\nb\r\tc', 'a_b__c'],
      ['\u001b[31mred', '_[31mred'],
      ['a\u007f\u0085b', 'a__b'],
      ['a\u2028b\u2029', 'a_b_'],
    ])
  })

  test('what Windows forbids', () => {
    becomes([
      ['a<b>c:d"e|f?g*h', 'a_b_c_d_e_f_g_h'],
      ['name.', 'name'],
      ['name ', 'name'],
      ['name. . ', 'name'],
      ['file.txt::$DATA', 'file.txt__$DATA'],
    ])
  })

  test('devices of Windows, with any extension and in any case', () => {
    becomes([
      ['CON', '_CON'],
      ['nul.txt', '_nul.txt'],
      ['Aux.tar.gz', '_Aux.tar.gz'],
      ['prn .txt', '_prn .txt'],
      ['COM1', '_COM1'],
      ['lpt9.x', '_lpt9.x'],
      ['COM¹', '_COM¹'],
      ['CONOUT$', '_CONOUT$'],
      ['nul.', '_nul'],
      ['n\u200bul', '_nul'],
    ])
  })

  test('characters that are not seen, or turn the direction of writing', () => {
    becomes([
      ['photo\u202egpj.exe', 'photogpj.exe'],
      ['a\u200bb\u200e\u200f\u2060\u2066\u2069\ufeffc', 'abc'],
      ['soft\u00adhyphen', 'softhyphen'],
      ['a\u200db\u200cc', 'abc'],
      ['\u200d\u200d😀\u200d', '😀'],
      ['\u{e0041}tags\u{e007f}', 'tags'],
      ['\u202e', '_'],
      ['.\u200b.', '_'],
    ])
  })

  test('what was not UTF-8', () => {
    becomes([
      ['a\ufffdb', 'a_b'],
      ['\ud800x', '_x'],
    ])
  })
})

describe('a name that is too long', () => {
  test('keeps its extension and is cut at a character', () => {
    const long = safeName(`${'ü'.repeat(200)}.tar.gz`)
    assert.equal(long, `${'ü'.repeat(118)}.gz`)
    assert.equal(toUtf8(long).length, 239)
    assert.equal(safeName('😀'.repeat(100)), '😀'.repeat(60))
  })

  test('has no extension where that would be all of it', () => {
    assert.equal(safeName(`a.${'x'.repeat(300)}`), `a.${'x'.repeat(238)}`)
    assert.equal(safeName(`${'x'.repeat(300)}. not one`), 'x'.repeat(240))
  })

  test('does not end in a space or a dot where it is cut', () => {
    assert.equal(safeName(`${'x'.repeat(239)} ${'y'.repeat(50)}`), 'x'.repeat(239))
  })

  test('may be of any length', () => {
    assert.equal(safeName(`${'x'.repeat(10_000_000)}.txt`), `${'x'.repeat(236)}.txt`)
    assert.equal(safeName('\u202e'.repeat(1_000_000)), '_')
  })
})

const anyName = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc
    .array(
      fc.constantFrom(
        '.',
        ' ',
        '/',
        '\\',
        '\0',
        'con',
        'NUL',
        '\u200d',
        '\u202e',
        'a',
        'ü',
        '😀',
        '\ud83d',
        ':',
      ),
    )
    .map(parts => parts.join('')),
)

test('every name, made safe, can stand on any file system', () => {
  fc.assert(
    fc.property(anyName, name => {
      const safe = safeName(name)
      assert.ok(safe.length > 0 && toUtf8(safe).length <= MAX_NAME_BYTES)
      assert.doesNotMatch(safe, /[/\\<>:"|?*\p{Cc}\p{Cs}\u202a-\u202e\u200b]/u)
      assert.doesNotMatch(safe, /[. ]$/)
      assert.doesNotMatch(safe, /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i)
      assert.equal(safeName(safe), safe)
    }),
    { numRuns: 2_000 },
  )
})

test('every name, cut to a length, keeps within it and is still a name', () => {
  fc.assert(
    fc.property(anyName, fc.integer({ min: 20, max: 300 }), (name, length) => {
      const fitted = fittedName(name, length)
      assert.ok(toUtf8(fitted).length <= length)
      if (toUtf8(name).length <= length) assert.equal(fitted, name)
      else assert.ok(fitted.length > 0)
    }),
  )
})

describe('the names that earlier versions gave in one folder', () => {
  const named = (...things: readonly NamedThing[]) => [...inOneGo(earlierNames(things)).values()]
  const taken = (...names: string[]) => named(...names.map(name => ({ name, kind: 'file' }) as const))

  test('are numbered where they are gone', () => {
    assert.deepEqual(taken('a.txt', 'A.txt', 'a.TXT'), ['a.txt', 'A (2).txt', 'a (3).TXT'])
    assert.deepEqual(taken('.rc', '.RC', 'x', 'X'), ['.rc', '.RC (2)', 'x', 'X (2)'])
  })

  test('step over numbered names that are there already', () => {
    assert.deepEqual(taken('a (2)', 'a', 'A', 'A (2)'), ['a (2)', 'a', 'A (3)', 'A (2) (2)'])
  })

  test('are the same where only case or the way of writing accents differs', () => {
    assert.deepEqual(taken('Readme', 'README', 'readme'), ['Readme', 'README (2)', 'readme (3)'])
    assert.deepEqual(taken('\u00fc', 'u\u0308', 'U\u0308'), ['\u00fc', 'u\u0308 (2)', 'U\u0308 (3)'])
    assert.deepEqual(taken('Straße', 'STRASSE'), ['Straße', 'STRASSE (2)'])
    assert.equal(foldedName('ΟΔΟΣ'), foldedName('οδος'))
  })

  test('of folders keep the number at the end', () => {
    assert.deepEqual(named({ name: 'v1.2', kind: 'file' }, { name: 'V1.2', kind: 'folder' }), [
      'v1.2',
      'V1.2 (2)',
    ])
  })

  test('stay within the limit, and all different, whatever they are', () => {
    const anyThing = fc.record({ name: anyName, kind: fc.constantFrom('file', 'folder', 'symlink') })
    fc.assert(
      fc.property(fc.array(anyThing, { maxLength: 50 }), things => {
        const given = named(...things)
        for (const name of given) assert.equal(safeName(name), name)
        assert.equal(new Set(given.map(foldedName)).size, things.length)
      }),
    )
  })

  test('cost the same each, however many are alike', () => {
    const long = 'x'.repeat(MAX_NAME_BYTES - 5)
    const names = Array.from({ length: 50_000 }, (_, i) => `${long}${String(i % 500).padStart(5, '0')}`)
    assert.equal(taken(...names, `${long}00000`).at(-1), `${'x'.repeat(212)} (49502)`)
  })
})
