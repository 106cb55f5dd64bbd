// The list that `get --select` shows, as state and as lines.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { plain } from '../../../../src/cli/view/palette.js'
import { keysIn } from '../../../../src/cli/view/picker/keys.js'
import { listHeight, pickerFrame } from '../../../../src/cli/view/picker/picker-frame.js'
import { type Outcome, PickerState } from '../../../../src/cli/view/picker/picker-state.js'
import { widthOf } from '../../../../src/cli/view/text.js'
import { someFile } from '../../some-torrent.js'

const DOWN = '\x1b[B'
const UP = '\x1b[A'
const LEFT = '\x1b[D'
const RIGHT = '\x1b[C'
const WINDOW = { rows: 24, columns: 80 }

const ENTRIES = [
  someFile(['e01.mkv'], 1_000),
  { type: 'pad' as const, path: ['.pad'], length: 24, offset: 1_000 },
  someFile(['Extra', 'note.txt'], 10),
  someFile(['e02.mkv'], 2_000),
  someFile(['Extra', 'more', 'e01.srt'], 20),
]

/** Entries by index: all but the pad. */
const ALL = [0, 2, 3, 4]

class Picking {
  readonly state: PickerState
  window = WINDOW
  outcome: Outcome = 'open'

  constructor(entries: ConstructorParameters<typeof PickerState>[0]['entries'] = ENTRIES, selected = true) {
    this.state = new PickerState({ name: 'season', entries }, () => selected)
  }

  type(...chunks: string[]): this {
    for (const chunk of chunks)
      for (const key of keysIn(chunk)) this.outcome = this.state.press(key, listHeight(this.window.rows))
    return this
  }

  get frame(): string[] {
    return pickerFrame(this.state, this.window, plain)
  }

  /** The rows of files, without sizes. */
  get list(): string[] {
    return this.frame.slice(2, -1).map(line => line.replace(/ +[\d.]+ \w+$/, '').trimEnd())
  }
}

describe('the list of files', () => {
  it('shows the tree with what is selected, sizes and their sum', () => {
    const picking = new Picking()
    assert.deepEqual(picking.list, [
      '❯ [x] ▾ season/',
      '  [x]     e01.mkv',
      '  [x]   ▾ Extra/',
      '  [x]       note.txt',
      '  [x]     ▾ more/',
      '  [x]         e01.srt',
      '  [x]     e02.mkv',
    ])
    assert.match(picking.frame[0] ?? '', /^4 of 4 selected, 2\.96 KiB of 2\.96 KiB$/)
    picking.type(DOWN, ' ')
    assert.match(picking.frame[0] ?? '', /^3 of 4 selected, 1\.98 KiB of 2\.96 KiB$/)
    assert.match(picking.frame[3] ?? '', /^❯ \[ \] {5}e01\.mkv +1000 B$/)
  })

  it('selects files and folders, all and none', () => {
    const picking = new Picking()
    assert.deepEqual(picking.state.picked, ALL)
    assert.deepEqual(picking.type('a').state.picked, [])
    assert.deepEqual(picking.type(DOWN, DOWN, ' ').state.picked, [2, 4])
    assert.deepEqual(
      picking.list.map(line => line.slice(2, 5)),
      ['[-]', '[ ]', '[x]', '[x]', '[x]', '[x]', '[ ]'],
    )
    assert.deepEqual(picking.type(DOWN, ' ').state.picked, [4])
    // A folder of which some is selected is selected as a whole first.
    assert.deepEqual(picking.type(UP, ' ').state.picked, [2, 4])
    assert.deepEqual(picking.type(' ').state.picked, [])
    assert.deepEqual(picking.type('a', '\r').state.picked, ALL)
    assert.equal(picking.outcome, 'picked')
  })

  it('is filtered by what is typed, and what is done then is done to what is shown', () => {
    const picking = new Picking(ENTRIES, false).type('e01')
    assert.deepEqual(picking.list, [
      '  [ ] ▾ season/',
      '❯ [ ]     e01.mkv',
      '  [ ]   ▾ Extra/',
      '  [ ]     ▾ more/',
      '  [ ]         e01.srt',
    ])
    assert.equal(picking.frame[1], 'filter: e01▏ 2 found')
    assert.deepEqual(picking.type('\x01').state.picked, [0, 4])
    assert.deepEqual(picking.type('\x7f\x7f\x7f').list.length, 7)
    assert.deepEqual(picking.type('/EXTRA/NOTE', ' ').state.picked, [0, 2, 4])
    assert.equal(picking.type('\x1b').outcome, 'open')
    assert.equal(picking.state.filter, '')
    assert.equal(picking.type('\x1b').outcome, 'cancelled')
  })

  it('says so where the filter finds nothing', () => {
    const picking = new Picking().type('nothing like it')
    assert.deepEqual(picking.list, [])
    assert.match(picking.frame[1] ?? '', /0 found$/)
    assert.equal(picking.type(' ', DOWN, LEFT, '\x1b').outcome, 'open')
    assert.equal(picking.list.length, 7)
  })

  it('folds folders', () => {
    const picking = new Picking().type(DOWN, DOWN, LEFT)
    assert.deepEqual(picking.list.slice(1), ['  [x]     e01.mkv', '❯ [x]   ▸ Extra/', '  [x]     e02.mkv'])
    // On a file, or a folder that is closed, it goes to the folder that holds it.
    picking.type(LEFT)
    assert.equal(picking.state.cursor, 0)
    assert.equal(picking.type(DOWN, DOWN, RIGHT).list.length, 7)
  })

  it('takes nothing for an answer only after it was cancelled', () => {
    const picking = new Picking(ENTRIES, false).type('\r')
    assert.equal(picking.outcome, 'open')
    assert.match(picking.frame.at(-1) ?? '', /^nothing is selected/)
    assert.doesNotMatch(picking.type(DOWN).frame.at(-1) ?? '', /nothing is selected/)
    assert.equal(picking.type('\x03').outcome, 'cancelled')
  })

  it('fits any window, and has what is pointed at in it', () => {
    const many = Array.from({ length: 300 }, (_, index) => someFile(['漢'.repeat(60), `${index}`], index))
    const picking = new Picking(many)
    for (const rows of [2, 3, 4, 5, 10, 50]) {
      for (const columns of [5, 12, 20, 40, 80, 200]) {
        picking.window = { rows, columns }
        for (const key of ['\x1b[F', '\x1b[H', '\x1b[6~', '\x1b[6~', '\x1b[5~', DOWN, UP, LEFT, RIGHT]) {
          const { frame } = picking.type(key)
          assert.ok(frame.length < rows, `${frame.length} lines in ${rows}`)
          for (const line of frame) assert.ok(widthOf(line) < columns, `${columns}: ${line}`)
          if (rows > 4) assert.equal(frame.filter(line => line.startsWith('❯')).length, 1, frame.join('\n'))
        }
      }
    }
  })

  it('begins with closed folders where there are many rows', () => {
    const many = Array.from({ length: 100_000 }, (_, index) => someFile([`d${index % 9}`, `${index}`], 1))
    const picking = new Picking(many)
    assert.equal(picking.list.length, 10)
    assert.equal(picking.type('\x1b[F', ' ').state.selectedCount, 100_000 - 11_111)
    assert.match(picking.type('99999').frame[1] ?? '', /1 found$/)
  })

  it('escapes names', () => {
    const picking = new Picking([someFile(['\x1b[2J'], 1)])
    assert.equal(picking.list[1], '  [x]     \\x1b[2J')
  })
})
