import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { TorrentVersion } from '../../../src/protocol/metainfo/metainfo.js'
import { MAX_PIECE_LENGTH } from '../../../src/protocol/metainfo/piece-length.js'
import type { ContentOptions, ContentPlan, SourceFile } from '../../../src/protocol/metainfo/plan.js'
import { planContent } from '../../support/in-one-go.js'
import { refused } from './crafting.js'

const PIECE = 16_384

const file = (path: string, length: number): SourceFile => ({
  type: 'file',
  path: path.split('/'),
  length,
  isExecutable: false,
})

function plan(files: readonly SourceFile[], options: Partial<ContentOptions> = {}): ContentPlan {
  return planContent({
    name: 'content',
    isFolder: true,
    version: 'hybrid',
    pieceLength: PIECE,
    files,
    ...options,
  })
}

/** One line an entry: where it begins, its length, its path. */
function layoutOf({ entries }: ContentPlan): string[] {
  return entries.map(({ offset, length, path }) => `${offset} +${length} ${path.join('/')}`)
}

describe('the order', () => {
  // As `sort` in the C locale would have them, component by component: `a` before `a!`, though `/` is behind `!`.
  const sorted = ['A', 'a/b', 'a/é', 'a!', 'a-b/c', 'b', 'é', '～', '😀']

  test('is that of raw bytes, component by component, whatever comes in', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(sorted, { minLength: 1 }),
        fc.constantFrom('v1', 'v2', 'hybrid'),
        (paths, version) => {
          const files = paths.map(path => file(path, 0))
          const { entries } = plan(files, { version: version as TorrentVersion })
          assert.deepEqual(
            entries.map(entry => entry.path.join('/')),
            sorted.filter(path => paths.includes(path)),
          )
        },
      ),
    )
  })

  test('leads back to what came in', () => {
    const { sourceIndexOfEntry } = plan([file('c', 1), file('a', 1), file('b', PIECE)])
    assert.deepEqual(sourceIndexOfEntry, [1, undefined, 2, 0, undefined])
  })
})

describe('the layout', () => {
  const files = [file('a', 10), file('b', 0), file('c', 2 * PIECE), file('d', PIECE + 1)]

  test('of v1 is without gaps', () => {
    const made = plan(files, { version: 'v1' })
    assert.deepEqual(layoutOf(made), [
      '0 +10 a',
      '10 +0 b',
      `10 +${2 * PIECE} c`,
      `${2 * PIECE + 10} +${PIECE + 1} d`,
    ])
    assert.equal(made.pieceCount, 4)
  })

  test('of v2 begins each file with a piece', () => {
    const made = plan(files, { version: 'v2' })
    const expected = ['0 +10 a', `${PIECE} +0 b`, `${PIECE} +${2 * PIECE} c`, `${3 * PIECE} +${PIECE + 1} d`]
    assert.deepEqual(layoutOf(made), expected)
    assert.equal(made.pieceCount, 5)
  })

  test('of a hybrid has pads right behind the files, behind the last one too', () => {
    const made = plan(files)
    assert.deepEqual(layoutOf(made), [
      '0 +10 a',
      `10 +${PIECE - 10} .pad/${PIECE - 10}`,
      `${PIECE} +0 b`,
      `${PIECE} +${2 * PIECE} c`,
      `${3 * PIECE} +${PIECE + 1} d`,
      `${4 * PIECE + 1} +${PIECE - 1} .pad/${PIECE - 1}`,
    ])
    assert.equal(made.pieceCount, 5)
  })

  test('of a hybrid of one file has no pad, folder or not', () => {
    assert.deepEqual(layoutOf(plan([file('a', 10)])), ['0 +10 a'])
    assert.deepEqual(layoutOf(plan([file('a', 10)], { isFolder: false })), ['0 +10 content'])
    assert.equal(plan([file('a', 10), file('empty', 0)]).entries.length, 3)
  })

  test('has symlinks where their names put them', () => {
    const link: SourceFile = { type: 'symlink', path: ['b'], target: ['c'] }
    assert.deepEqual(layoutOf(plan([file('c', 5), link, file('a', 5)])), [
      '0 +5 a',
      `5 +${PIECE - 5} .pad/${PIECE - 5}`,
      `${PIECE} +0 b`,
      `${PIECE} +5 c`,
      `${PIECE + 5} +${PIECE - 5} .pad/${PIECE - 5}`,
    ])
  })
})

describe('a plan is refused', () => {
  test('without files, or with more than one where one is meant', () => {
    const link: SourceFile = { type: 'symlink', path: ['a'], target: ['b'] }
    for (const none of [[], [link]]) {
      refused(() => plan(none), 'invalid-value', 'files', 'there is none')
    }
    for (const files of [[file('a', 1), file('b', 1)], [link]]) {
      refused(() => plan(files, { isFolder: false }), 'invalid-value', 'files')
    }
  })

  test('where v2 could not tell a folder from the file in it', () => {
    const words = 'a folder of one file that bears its name cannot be told from that file in v2'
    const files = [file('content', 1)]
    refused(() => plan(files, { version: 'v2' }), 'invalid-value', 'files', words)
    assert.equal(plan(files, { version: 'v2', isFolder: false }).isFolder, false)
    assert.equal(plan(files, { version: 'hybrid' }).isFolder, true)
  })

  test('with paths that exclude each other', () => {
    const words = 'stands twice, or is a file and a folder'
    refused(() => plan([file('a', 1), file('b', 1), file('a', 2)]), 'invalid-value', 'a', words)
    refused(() => plan([file('a/b/c', 1), file('a!', 1), file('a/b', 2)]), 'invalid-value', 'a/b', words)
  })

  test('with names that are none', () => {
    for (const name of ['', '.', '..', 'a/b', 'a\0']) {
      refused(() => plan([file('a', 1)], { name }), 'invalid-value', 'name')
      refused(() => plan([{ ...file('a', 1), path: ['x', name] }]), 'invalid-value', `x/${name}`)
    }
    refused(() => plan([{ ...file('a', 1), path: [] }]), 'too-large', '')
  })

  test('with a piece length that is none', () => {
    for (const pieceLength of [0, -1, 1.5, Number.NaN, 2 * MAX_PIECE_LENGTH]) {
      refused(() => plan([file('a', 1)], { pieceLength, version: 'v1' }), 'invalid-value', 'piece length')
    }
    for (const pieceLength of [8_192, 16_385, 3 * 16_384]) {
      refused(() => plan([file('a', 1)], { pieceLength }), 'invalid-value', 'piece length')
      assert.equal(plan([file('a', 1)], { pieceLength, version: 'v1' }).pieceLength, pieceLength)
    }
    assert.equal(plan([file('a', 1)], { pieceLength: MAX_PIECE_LENGTH }).pieceLength, MAX_PIECE_LENGTH)
  })

  test('when there are too many pieces, or folders in folders', () => {
    assert.equal(plan([file('a', 2 ** 21 * PIECE)]).pieceCount, 2 ** 21)
    refused(() => plan([file('a', 2 ** 21 * PIECE + 1)]), 'too-large', 'piece length')
    const deep = (depth: number) => [file(Array(depth).fill('d').join('/'), 1)]
    assert.equal(plan(deep(60)).entries.length, 1)
    assert.throws(() => plan(deep(61)), { code: 'too-large' })
    assert.equal(plan(deep(100), { version: 'v1' }).entries.length, 1)
    assert.throws(() => plan(deep(101), { version: 'v1' }), { code: 'too-large' })
  })
})
