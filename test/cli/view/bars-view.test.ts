import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BarsView } from '../../../src/cli/view/bars-view.js'
import { plain } from '../../../src/cli/view/palette.js'
import type { ProgressRow, ProgressSnapshot } from '../../../src/cli/view/progress-view.js'
import { Screen } from './screen.js'

const MIB = 2 ** 20

function row(name: string, facts: Partial<ProgressSnapshot> = {}): ProgressRow {
  const snapshot = {
    activity: 'downloading',
    done: 5 * MIB,
    total: 10 * MIB,
    down: MIB,
    up: 0,
    peers: 3,
    eta: 5,
  }
  return { name, snapshot: () => ({ ...snapshot, ...facts }) }
}

function openView(screen: Screen): BarsView {
  return new BarsView({ stream: screen as unknown as NodeJS.WriteStream, paint: plain })
}

test('each torrent has a line, and closing the view leaves no trace', () => {
  const screen = new Screen(100, 24)
  const view = openView(screen)
  view.add(row('one.iso'))
  view.add(row('two.iso', { done: 10 * MIB }))
  assert.deepEqual(screen.lines, [
    'one.iso  ████████░░░░░░░   50%  5.00 MiB / 10.0 MiB  ↓ 1.00 MiB/s       ↑ 0 B/s    3 peers       5s',
    'two.iso  ███████████████  100%  10.0 MiB / 10.0 MiB  ↓ 1.00 MiB/s       ↑ 0 B/s    3 peers       5s',
  ])
  assert.equal(screen.isCursorVisible, false)
  view[Symbol.dispose]()
  assert.equal(screen.text, '')
  assert.equal(screen.isCursorVisible, true)
})

test('notes stand above the bars, whole, in their order', () => {
  const screen = new Screen(60, 24)
  using view = openView(screen)
  view.add(row('a-torrent-with-a-rather-long-name.iso'))
  view.print('short')
  view.print('a note that is longer than the window is wide, and so it goes on in the next line')
  const [first, second, third, bar] = screen.lines
  assert.equal(first, 'short')
  assert.equal(`${second}${third}`.length, 81)
  assert.match(bar ?? '', /^a-torrent/)
  assert.equal(screen.lines.length, 4)
})

test('a frame is one write', () => {
  const screen = new Screen(80, 24)
  using view = openView(screen)
  for (let i = 0; i < 5; i++) view.add(row(`${i}.iso`))
  const before = screen.writes
  view.print('note')
  assert.equal(screen.writes, before + 1)
})

test('there are never more bars than the window has rows but two', () => {
  const screen = new Screen(80, 8)
  using view = openView(screen)
  for (let i = 0; i < 20; i++) view.add(row(`${i}.iso`))
  assert.equal(screen.lines.length, 6)
  assert.match(screen.lines[5] ?? '', /^… and 15 more {2}↓ 15.0 MiB\/s/)
})

test('what is busy is shown before what only seeds', () => {
  const screen = new Screen(80, 5)
  using view = openView(screen)
  for (let i = 0; i < 5; i++) view.add(row(`idle-${i}`, { activity: 'seeding', isSeeding: true, up: 0 }))
  view.add(row('busy', {}))
  view.add(row('giving', { activity: 'seeding', isSeeding: true, up: MIB }))
  assert.match(screen.lines[0] ?? '', /^busy/)
  assert.match(screen.lines[1] ?? '', /^giving/)
  assert.match(screen.lines[2] ?? '', /^… and 5 more/)
})

test('a lower window shows fewer bars, a higher one more', () => {
  const screen = new Screen(80, 12)
  using view = openView(screen)
  for (let i = 0; i < 10; i++) view.add(row(`${i}.iso`))
  assert.equal(screen.lines.length, 10)
  screen.resize(80, 6)
  assert.match(screen.window[3] ?? '', /^… and 7 more/)
  assert.equal(screen.window.length, 4)
  screen.resize(80, 14)
  assert.match(screen.lines.at(-1) ?? '', /^9.iso/)
})

test('a narrower window leaves nothing of the longer lines behind', () => {
  const screen = new Screen(120, 30)
  using view = openView(screen)
  view.print('note')
  for (let i = 0; i < 3; i++) view.add(row(`${i}.iso`))
  view.print('another note')
  screen.resize(50, 30)
  assert.equal(screen.lines.length, 5, screen.text)
  assert.ok(screen.lines.every(line => line.length < 50))
})

test('removing torrents takes their lines away', () => {
  const screen = new Screen(80, 24)
  using view = openView(screen)
  const [one, two, three] = [row('one'), row('two'), row('three')]
  for (const each of [one, two, three]) view.add(each)
  view.remove(one)
  assert.deepEqual(
    screen.lines.map(line => line.split(' ')[0]),
    ['two', 'three'],
  )
  view.remove(two)
  view.remove(three)
  view.print('all gone')
  assert.equal(screen.text, 'all gone')
  view.add(row('again'))
  assert.match(screen.lines[1] ?? '', /^again/)
})

test('signals stay with the program', () => {
  const before = process.listenerCount('SIGINT') + process.listenerCount('SIGTERM')
  using view = openView(new Screen(80, 24))
  view.add(row('one'))
  assert.equal(process.listenerCount('SIGINT') + process.listenerCount('SIGTERM'), before)
})
