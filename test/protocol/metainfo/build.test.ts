import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { fromUtf8, toHex } from '../../../src/base/bytes.js'
import { METAINFO_LIMITS } from '../../../src/protocol/bencode/limits.js'
import { scanBencode } from '../../../src/protocol/bencode/scan.js'
import { rootOfLeaves } from '../../../src/protocol/merkle.js'
import type { TorrentVersion } from '../../../src/protocol/metainfo/metainfo.js'
import { parseMetainfo } from '../../../src/protocol/metainfo/parse.js'
import { buildMetainfo, planContent } from '../../support/in-one-go.js'
import { pathsOf, refused } from './crafting.js'
import { contentOf, digests, leavesOf, type MadeFile, makeTorrent } from './making.js'

const VERSIONS = ['v1', 'v2', 'hybrid'] as const
const files: MadeFile[] = [
  { path: ['dir', 'b'], bytes: contentOf(70_000, 2) },
  { path: ['a'], bytes: contentOf(10, 1), isExecutable: true },
  { path: ['empty'], bytes: contentOf(0) },
]

function keysAt(bytes: Uint8Array, ...path: string[]): string[] {
  let value = scanBencode(bytes, METAINFO_LIMITS)
  for (const key of path) value = value.get(key) ?? assert.fail(`no ${key}`)
  return value.entries?.map(([key]) => fromUtf8(key)) ?? assert.fail('no dictionary')
}

describe('a torrent', () => {
  test('in bytes, for a file of one block', () => {
    const made = makeTorrent([{ path: ['x'], bytes: new Uint8Array(1) }], {
      version: 'v1',
      name: 'one',
      isFolder: false,
      announcement: { trackers: [['http://t/']], comment: 'c', createdBy: 'me', creationDate: 0 },
    })
    const [head, tail] = fromUtf8(made).split('6:pieces20:')
    assert.equal(
      head,
      'd8:announce9:http://t/7:comment1:c10:created by2:me13:creation datei0e' +
        '4:infod6:lengthi1e4:name3:one12:piece lengthi32768e',
    )
    assert.ok(tail?.endsWith('ee'))
  })

  test('has the keys of its version, and no others', () => {
    const common = ['name', 'piece length']
    const keys = (version: TorrentVersion, isFolder: boolean) =>
      keysAt(makeTorrent(isFolder ? files : files.slice(0, 1), { version, isFolder }), 'info')
    assert.deepEqual(keys('v1', true), ['files', ...common, 'pieces'])
    assert.deepEqual(keys('v1', false), ['length', ...common, 'pieces'])
    assert.deepEqual(keys('v2', true), ['file tree', 'meta version', ...common])
    assert.deepEqual(keys('v2', false), ['file tree', 'meta version', ...common])
    assert.deepEqual(keys('hybrid', true), ['file tree', 'files', 'meta version', ...common, 'pieces'])
    assert.deepEqual(keys('hybrid', false), ['file tree', 'length', 'meta version', ...common, 'pieces'])
  })

  test('always has piece layers in v2, only of files longer than a piece', () => {
    const small = makeTorrent([{ path: ['a'], bytes: contentOf(32_768) }], { version: 'v2' })
    assert.deepEqual(keysAt(small), ['info', 'piece layers'])
    assert.deepEqual(keysAt(small, 'piece layers'), [])
    const { pieceLayers, entries } = parseMetainfo(makeTorrent(files), digests)
    const long = [...entries].find(entry => entry.type === 'file' && entry.length > 32_768)
    assert.ok(long?.type === 'file')
    assert.deepEqual([...pieceLayers.keys()], [toHex(long.piecesRoot ?? new Uint8Array(0))])
    assert.deepEqual(keysAt(makeTorrent(files, { version: 'v1' })), ['info'])
  })

  test('has one layer for files of the same content', () => {
    const bytes = contentOf(70_000)
    const metainfo = parseMetainfo(
      makeTorrent([
        { path: ['a'], bytes },
        { path: ['b'], bytes },
      ]),
      digests,
    )
    assert.equal(metainfo.pieceLayers.size, 1)
    assert.deepEqual(metainfo.warnings, [])
  })

  test('has the roots that the definition gives', () => {
    for (const length of [1, 16_384, 16_385, 32_768, 32_769, 100_000]) {
      const bytes = contentOf(length)
      const [entry] = parseMetainfo(makeTorrent([{ path: ['a'], bytes }], { version: 'v2' }), digests).entries
      assert.ok(entry?.type === 'file')
      assert.deepEqual(entry.piecesRoot, rootOfLeaves(leavesOf(bytes), digests))
    }
  })

  test('lists trackers and web seeds, as one value where there is one', () => {
    const around = (trackers: string[][], webSeeds: string[]) => {
      const made = makeTorrent(files, { version: 'v1', announcement: { trackers, webSeeds } })
      const { trackers: read, webSeeds: readSeeds } = parseMetainfo(made, digests)
      assert.deepEqual([read, readSeeds], [trackers.filter(tier => tier.length > 0), webSeeds])
      return keysAt(made)
    }
    assert.deepEqual(around([], []), ['info'])
    assert.deepEqual(around([['http://a/']], ['http://w/']), ['announce', 'info', 'url-list'])
    assert.deepEqual(around([['http://a/', 'http://b/'], [], ['http://c/']], ['http://w/', 'http://x/']), [
      'announce',
      'announce-list',
      'info',
      'url-list',
    ])
  })

  test('lists nodes of the DHT (BEP 5)', () => {
    const nodes = [
      { host: 'router.example', port: 6881 },
      { host: '2001:db8::1', port: 1 },
    ]
    const made = makeTorrent(files, { version: 'v1', announcement: { trackers: [], webSeeds: [], nodes } })
    assert.deepEqual(parseMetainfo(made, digests).nodes, nodes)
  })

  test('stores flat hashes beside each length: in v1 in the list, else in the file tree', () => {
    for (const version of VERSIONS) {
      const made = makeTorrent(files, { version, withSha256: true })
      for (const entry of parseMetainfo(made, digests).entries) {
        if (entry.type !== 'file') continue
        const source = files.find(({ path }) => path.join('/') === entry.path.join('/'))
        assert.deepEqual(entry.sha256, digests.sha256(source?.bytes ?? assert.fail('no source')))
      }
      assert.equal(fromUtf8(made).split('6:sha256').length - 1, files.length)
    }
  })

  test('is the same for the same input, and private or a source makes it another', () => {
    const hash = (options: Parameters<typeof makeTorrent>[1]) =>
      toHex(parseMetainfo(makeTorrent(files, options), digests).infoHashV1 ?? new Uint8Array(0))
    assert.equal(hash({}), hash({ announcement: { trackers: [['http://a/']], comment: 'c' } }))
    assert.equal(
      new Set([hash({}), hash({ isPrivate: true }), hash({ source: 'S' }), hash({ name: 'n' })]).size,
      4,
    )
    assert.deepEqual(makeTorrent(files), makeTorrent(files.toReversed()))
  })
})

describe('what is made is read back', () => {
  const names = fc.constantFrom('a', 'b', 'c d', 'ü', '日本', '😀', 'x.tar.gz', '__proto__', 'constructor')
  const tree = fc.uniqueArray(
    fc.record({
      path: fc.array(names, { minLength: 1, maxLength: 3 }),
      length: fc.constantFrom(0, 1, 16_384, 32_767, 32_768, 32_769, 98_305),
      isExecutable: fc.boolean(),
    }),
    // A file must not be a folder as well: so all are as deep as they are long.
    { selector: ({ path }) => path.join('/'), minLength: 1, maxLength: 8 },
  )

  test('for any files in any version', () => {
    fc.assert(
      fc.property(tree, fc.constantFrom(...VERSIONS), fc.boolean(), (wanted, version, isPrivate) => {
        const sources = wanted.map(({ path, length, isExecutable }, i) => ({
          path: [`${path.length}`, ...path],
          bytes: contentOf(length, i + 1),
          isExecutable,
        }))
        const metainfo = parseMetainfo(makeTorrent(sources, { version, isPrivate }), digests)
        assert.deepEqual(metainfo.warnings, [])
        assert.equal(metainfo.version, version)
        assert.equal(metainfo.isPrivate, isPrivate)
        assert.equal(metainfo.name, 'content')
        assert.deepEqual(pathsOf(metainfo).toSorted(), sources.map(({ path }) => path.join('/')).toSorted())
        for (const entry of metainfo.entries) {
          if (entry.type !== 'file') continue
          const source = sources.find(({ path }) => path.join('/') === entry.path.join('/'))
          assert.deepEqual([entry.length, entry.isExecutable], [source?.bytes.length, source?.isExecutable])
        }
      }),
      { numRuns: 60 },
    )
  })

  test('with symlinks', () => {
    for (const version of VERSIONS) {
      const symlinks = [
        { path: ['dir', 'link'], target: ['a'] },
        { path: ['to dir'], target: ['dir'] },
      ]
      const metainfo = parseMetainfo(makeTorrent(files, { version, symlinks }), digests)
      const links = [...metainfo.entries].filter(entry => entry.type === 'symlink')
      assert.deepEqual(
        links.map(({ path, target }) => ({ path, target })),
        symlinks,
      )
      assert.deepEqual(metainfo.warnings, [])
    }
  })

  test('as deep as a file tree may be', () => {
    const deep = { path: Array<string>(60).fill('d'), bytes: contentOf(1) }
    assert.equal(parseMetainfo(makeTorrent([deep]), digests).entries.at(0)?.path.length, 60)
  })

  test('where all files are empty', () => {
    for (const version of VERSIONS) {
      const metainfo = parseMetainfo(
        makeTorrent([{ path: ['a'], bytes: contentOf(0) }], { version }),
        digests,
      )
      assert.deepEqual([metainfo.size, metainfo.pieceCount], [0, 0])
    }
  })
})

test('hashes that do not fit the plan are refused', () => {
  const plan = planContent({
    name: 'n',
    isFolder: false,
    version: 'hybrid',
    pieceLength: 16_384,
    files: [{ type: 'file', path: ['n'], length: 20_000, isExecutable: false }],
  })
  const announcement = { trackers: [], webSeeds: [], nodes: [] }
  const good = { pieces: new Uint8Array(40), pieceRoots: new Uint8Array(64) }
  assert.ok(buildMetainfo(plan, good, announcement, digests).length > 0)
  const short = { ...good, pieces: new Uint8Array(20) }
  refused(() => buildMetainfo(plan, short, announcement, digests), 'inconsistent', 'pieces')
  const none = { pieces: good.pieces }
  refused(() => buildMetainfo(plan, none, announcement, digests), 'inconsistent', 'piece roots')
})
