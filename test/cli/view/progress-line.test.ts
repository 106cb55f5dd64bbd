import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { printable } from '../../../src/base/printable.js'
import type { MeasuredSnapshot } from '../../../src/cli/view/measured-row.js'
import { plain } from '../../../src/cli/view/palette.js'
import { layoutOf } from '../../../src/cli/view/progress-layout.js'
import { percentOf, plainLine, progressLine, totalsLine } from '../../../src/cli/view/progress-line.js'
import type { ProgressSnapshot } from '../../../src/cli/view/progress-view.js'
import { widthOf } from '../../../src/cli/view/text.js'
import { totalsOf } from '../../../src/cli/view/totals.js'

const MIB = 2 ** 20
const DOWNLOAD: ProgressSnapshot = {
  type: 'downloading',
  activity: 'downloading',
  done: 405 * MIB,
  total: 900 * MIB,
  down: 12.3 * MIB,
  up: 100_000,
  peers: 12,
  eta: 45,
}
const SEEDING: ProgressSnapshot = {
  type: 'seeding',
  activity: 'seeding',
  done: 900 * MIB,
  total: 900 * MIB,
  up: 100_000,
  peers: 12,
  ratio: 1.5,
}
const HASHING: MeasuredSnapshot = {
  type: 'work',
  activity: 'hashing',
  done: MIB,
  total: 4 * MIB,
  rate: MIB,
  eta: 3,
}

function line(name: string, snapshot: MeasuredSnapshot, columns: number): string {
  const layout = layoutOf([{ nameWidth: widthOf(printable(name)), snapshot }], columns)
  return progressLine(name, snapshot, layout, plain, width => '#'.repeat(width))
}

describe('a line of progress', () => {
  it('has everything where there is room', () => {
    assert.equal(
      line('ubuntu.iso', DOWNLOAD, 110),
      'ubuntu.iso  ####################   45%    405 MiB / 900 MiB  ↓ 12.3 MiB/s  ↑ 97.7 KiB/s   12 peers         45s',
    )
    assert.equal(
      line('ubuntu.iso', SEEDING, 80),
      'ubuntu.iso  seeding   900 MiB  ↑ 97.7 KiB/s   12 peers  ratio 1.50',
    )
    assert.equal(
      line('ubuntu.iso', HASHING, 100),
      'ubuntu.iso  #############################   25%  1.00 MiB / 4.00 MiB  hashing 1.00 MiB/s          3s',
    )
  })

  it('leaves out the least important where it is narrow', () => {
    assert.equal(line('ubuntu.iso', DOWNLOAD, 50), 'ubuntu.iso   45%  ↓ 12.3 MiB/s         45s')
    assert.equal(line('ubuntu.iso', DOWNLOAD, 16), 'ubuntu.iso   45%')
  })

  it('cuts a long name, but not below a quarter of the line', () => {
    const long = 'a-file-with-a-very-long-name-indeed-that-goes-on-and-on.iso'
    assert.match(line(long, DOWNLOAD, 80), /^a-file-with-a-very-.*… {2}#/)
    assert.match(line(long, DOWNLOAD, 200), /^a-file-with-a-very-long-name-indeed-tha… {2}#{30} /)
  })

  it('escapes the name', () => {
    assert.match(line('\x1b[2J', DOWNLOAD, 80), /^\\x1b\[2J /)
  })

  it('is never wider than the window', () => {
    const size = fc.nat(2 ** 50)
    const rate = fc.double({ min: 0, max: 1e12, noNaN: true })
    const figures = { activity: fc.constant('checking'), done: size, total: size }
    const moving = { ...figures, up: rate, peers: fc.nat(10_000) }
    const snapshot: fc.Arbitrary<MeasuredSnapshot> = fc.oneof(
      fc.record({
        type: fc.constant('work' as const),
        ...figures,
        rate: fc.option(rate, { nil: undefined }),
        eta: rate,
      }),
      fc.record({ type: fc.constant('waiting' as const), ...figures }),
      fc.record({ type: fc.constant('downloading' as const), ...moving, down: rate, eta: rate }),
      fc.record({ type: fc.constant('seeding' as const), ...moving, ratio: rate }),
    )
    const row = fc.record({ name: fc.string({ unit: 'grapheme' }), snapshot })
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 200 }),
        (rows, columns) => {
          const laidOut = rows.map(({ name, snapshot }) => ({
            nameWidth: widthOf(printable(name)),
            snapshot,
          }))
          const layout = layoutOf(laidOut, columns)
          const lines = rows.map(({ name, snapshot }) =>
            progressLine(name, snapshot, layout, plain, width => '#'.repeat(width)),
          )
          lines.push(
            totalsLine(
              totalsOf(
                laidOut.map(({ snapshot }) => snapshot),
                3,
              ),
              layout,
              plain,
            ),
          )
          for (const text of lines) assert.ok(widthOf(text) <= columns, text)
        },
      ),
    )
  })
})

describe('a line where nothing can be drawn', () => {
  it('says the same in words', () => {
    assert.equal(
      plainLine('ubuntu.iso', DOWNLOAD),
      'ubuntu.iso: downloading 45%, 405 MiB of 900 MiB, down 12.3 MiB/s, up 97.7 KiB/s, 12 peers, 45s left',
    )
    assert.equal(plainLine('ubuntu.iso', SEEDING), 'ubuntu.iso: seeding, up 97.7 KiB/s, 12 peers, ratio 1.50')
    assert.equal(plainLine('a\nb', HASHING), 'a\\nb: hashing 25%, 1.00 MiB of 4.00 MiB, 1.00 MiB/s, 3s left')
  })
})

it('a hundred percent is said only of the whole', () => {
  assert.equal(percentOf({ done: 9999, total: 10_000 }), '99%')
  assert.equal(percentOf({ done: 10_000, total: 10_000 }), '100%')
  assert.equal(percentOf({ done: 0, total: 0 }), '100%')
})
