import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { harmlessName } from '../../../../src/protocol/metainfo/reading/true-names.js'
import { type Dictionary, leaf, parsed, pathsOf, refused, v1Folder, v2 } from '../crafting.js'

const file = (...path: string[]): Dictionary => ({ length: 0, path })
const link = (path: string[], target: string[]): Dictionary => ({ attr: 'l', path, 'symlink path': target })

function paths(...files: Dictionary[]): string[] {
  return pathsOf(parsed(v1Folder(files)))
}

function links(...files: Dictionary[]): string[] {
  return [...parsed(v1Folder(files)).entries].flatMap(entry =>
    entry.type === 'symlink' ? [`${entry.path.join('/')} -> ${entry.target.join('/')}`] : [],
  )
}

describe('files', () => {
  test('with ordinary paths keep them', () => {
    assert.deepEqual(paths(file('a', 'b c', 'ü.txt'), file('a', 'd'), file('e')), ['a/b c/ü.txt', 'a/d', 'e'])
  })

  test('never leave the folder', () => {
    assert.deepEqual(
      paths(
        file('..', '..', 'etc', 'passwd'),
        file('/etc/passwd'),
        file('', '', 'x'),
        file('.', 'y'),
        file('a\0b'),
      ),
      ['_/_/etc/passwd', '_etc_passwd', '_ (2)/_/x', '_ (3)/y', 'a_b'],
    )
  })

  test('of the same path each get a name', () => {
    assert.deepEqual(paths(file('a', 'x.txt'), file('a', 'x.txt'), file('A', 'x.txt')), [
      'a/x.txt',
      'a/x (2).txt',
      'A/x.txt',
    ])
  })

  test('in folders that are one folder, stay together', () => {
    assert.deepEqual(paths(file('..', '1'), file('..', '2'), file('.', '3')), ['_/1', '_/2', '_ (2)/3'])
  })

  test('keep every name that is one, whatever a platform makes of it', () => {
    const names = [
      'c:',
      'con.log',
      'x.',
      'x ',
      '\u202etxt',
      'a\u200bb',
      'a\tb\n',
      '\\',
      'u\u0308',
      '\u00fc',
      'x'.repeat(9_000),
    ]
    assert.deepEqual(paths(...names.map(name => file(name))), names)
  })

  test('that are also folders of others are told apart, in either order', () => {
    assert.deepEqual(paths(file('a'), file('a', 'b'), file('a', 'c')), ['a', 'a (2)/b', 'a (2)/c'])
    assert.deepEqual(paths(file('a', 'b'), file('a'), file('a', 'c')), ['a/b', 'a (2)', 'a/c'])
  })

  test('in a file tree are made safe as well', () => {
    const tree = { '..': { x: leaf(0) }, 'a/b': leaf(0), 'a\\b': leaf(0) }
    assert.deepEqual(pathsOf(parsed(v2(tree))), ['_/x', 'a_b', 'a\\b'])
  })

  test('in more folders than half a million are refused', () => {
    const deep = Array.from({ length: 5_300 }, (_, i) => file(...Array.from({ length: 100 }, () => `${i}`)))
    refused(() => paths(...deep), 'too-large', 'info', 'has more than 524288 folders')
  })
})

describe('symlinks', () => {
  test('lead to files and folders of the torrent', () => {
    const files = [file('dir', 'a'), link(['to a'], ['dir', 'a']), link(['x', 'to dir'], ['dir'])]
    assert.deepEqual(links(...files), ['to a -> dir/a', 'x/to dir -> dir'])
  })

  test('lead to what they mean, by the name that it has', () => {
    assert.deepEqual(links(file('.', 'a/b'), link(['l'], ['.', 'a/b'])), [])
    assert.deepEqual(links(file('d:', 'a/b'), link(['l'], ['d:', 'a/b'])), ['l -> d:/a_b'])
  })

  test('may be a chain, as of versions of a library', () => {
    const files = [link(['so'], ['so.1']), link(['so.1'], ['so.1.2']), file('so.1.2')]
    assert.deepEqual(links(...files), ['so -> so.1', 'so.1 -> so.1.2'])
  })

  test('are read as counted from their own folder where they lead nowhere else', () => {
    const files = [
      file('lib', 'so.1'),
      link(['lib', 'so'], ['so.1']),
      link(['lib', 'x', 'so'], ['..', 'so.1']),
    ]
    assert.deepEqual(links(...files), ['lib/so -> lib/so.1', 'lib/x/so -> lib/so.1'])
  })

  const lost: [why: string, files: Dictionary[]][] = [
    ['lead out of the torrent', [link(['l'], ['..', '..', 'etc', 'passwd'])]],
    ['lead out of it by way of a folder', [file('d', 'x'), link(['l'], ['d', '..', '..', 'x'])]],
    ['are absolute', [link(['l'], ['/etc/passwd'])]],
    ['lead to nothing', [link(['l'], ['gone'])]],
    ['lead to the whole torrent', [link(['l'], ['.']), link(['m'], ['x', '..'])]],
    ['lead to themselves', [link(['l'], ['l'])]],
    ['lead round in a circle', [link(['a'], ['b']), link(['b'], ['c']), link(['c'], ['a'])]],
    ['end in a circle', [link(['a'], ['b']), link(['b'], ['b']), link(['c'], ['a'])]],
    ['lead through another symlink', [file('d', 'x'), link(['l'], ['d']), link(['m'], ['l', 'x'])]],
    ['lead to a folder of nothing but symlinks', [link(['d', 'm'], ['gone']), link(['l'], ['d'])]],
    ['lead through a file', [file('x'), link(['l'], ['x', 'y'])]],
  ]
  for (const [why, files] of lost) {
    test(`that ${why} are left out with a warning`, () => {
      const metainfo = parsed(v1Folder([file('other'), ...files]))
      const kept = links(file('other'), ...files)
      assert.deepEqual(kept, why.includes('another symlink') ? ['l -> d'] : [])
      const lostCount = files.filter(entry => entry.attr === 'l').length - kept.length
      assert.equal(metainfo.warnings.length, lostCount)
      for (const warning of metainfo.warnings)
        assert.match(warning, /leads nowhere in the torrent is left out$/)
    })
  }

  test('never take a name from a file or a folder', () => {
    for (const files of [
      [link(['a'], ['out']), file('a'), file('out')],
      [link(['a'], ['out']), file('a', 'b'), file('out')],
      [link(['out', 'a'], ['d']), file('out', 'a', 'x'), file('d', 'y'), file('out', 'z')],
    ]) {
      const metainfo = parsed(v1Folder(files))
      assert.deepEqual(links(...files), [])
      assert.match(metainfo.warnings[0] ?? '', /a symlink whose name is taken is left out$/)
      assert.deepEqual(pathsOf(metainfo), paths(...files.slice(1)))
    }
  })
})

test('whatever the paths, no two meet, none is unsafe, and none leads through a symlink', () => {
  const name = fc.constantFrom('a', 'A', 'b', '..', '.', '', 'a/b', 'nul', 'ü', 'u\u0308', 'a (2)', 'a\u200b')
  const path = fc.array(name, { minLength: 1, maxLength: 4 })
  const entry = fc.oneof(
    path.map(components => file(...components)),
    fc.tuple(path, path).map(([from, to]) => link(from, to)),
  )
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 12 }), files => {
      const entries = [...parsed(v1Folder([...files, file('z')])).entries]
      const joined = entries.map(({ path: components }) => components.join('/'))
      assert.equal(new Set(joined).size, joined.length)
      const leaves = new Set(joined)
      const known = new Set<string>()
      for (const { path: components } of entries) {
        for (const [depth, component] of components.entries()) {
          assert.equal(harmlessName(component), component)
          const above = components.slice(0, depth).join('/')
          assert.ok(!leaves.has(above), `${above} is a file or a symlink, and a folder`)
        }
        for (let depth = 1; depth <= components.length; depth++)
          known.add(components.slice(0, depth).join('/'))
      }
      for (const found of entries) {
        if (found.type === 'symlink') assert.ok(known.has(found.target.join('/')), found.target.join('/'))
      }
      assert.equal(
        entries.filter(({ type }) => type === 'file').length,
        files.filter(({ attr }) => attr !== 'l').length + 1,
      )
    }),
    { numRuns: 1_000 },
  )
})
