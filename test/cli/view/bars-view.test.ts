import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { mock, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { BarsView } from '../../../src/cli/view/bars-view.js'
import { plain } from '../../../src/cli/view/palette.js'
import type { ProgressRow, ProgressSnapshot } from '../../../src/cli/view/progress-view.js'
import { Screen } from './screen.js'

const MIB = 2 ** 20

type Downloading = Extract<ProgressSnapshot, { type: 'downloading' }>

function row(name: string, facts: Partial<Downloading> = {}): ProgressRow {
  const snapshot: Downloading = {
    type: 'downloading',
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

function seeding(name: string, up: number): ProgressRow {
  const sizes = { done: 10 * MIB, total: 10 * MIB }
  return {
    name,
    snapshot: () => ({ type: 'seeding', activity: 'seeding', ...sizes, up, peers: 12, ratio: 0.517 }),
  }
}

/** A terminal's other half. */
class Keys extends EventEmitter {
  readonly isTTY = true

  type(text: string): void {
    this.emit('data', text)
  }

  unref(): void {}
  pause(): void {}
}

function openView(screen: Screen, keys = new Keys()): BarsView {
  return new BarsView(
    { stream: screen as unknown as NodeJS.WriteStream, paint: plain },
    { stdin: keys as unknown as NodeJS.ReadStream, isInForeground: async () => true },
  )
}

test('each torrent has a line, and closing the view leaves no trace', () => {
  const screen = new Screen(100, 24)
  const view = openView(screen)
  view.add(row('one.iso'))
  assert.equal(screen.lines.length, 1, 'one torrent needs no line of totals')
  view.add(row('two.iso', { done: 10 * MIB }))
  assert.equal(screen.lines.length, 3)
  assert.equal(screen.isCursorVisible, false)
  view[Symbol.dispose]()
  assert.equal(screen.text, '')
  assert.equal(screen.isCursorVisible, true)
})

test('all lines share their columns, and the last one sums them up', () => {
  const screen = new Screen(114, 24)
  using view = openView(screen)
  view.add(row('a-rather-long-name.iso'))
  view.add(seeding('two.iso', 100_000))
  view.add({
    name: 'three',
    snapshot: () => ({ type: 'work', activity: 'checking', done: 5 * MIB, total: 20 * MIB }),
  })
  assert.deepEqual(screen.lines, [
    'a-rather-long-name.iso  ██████░░░░░   50%  5.00 MiB / 10.0 MiB  ↓ 1.00 MiB/s       ↑ 0 B/s    3 peers          5s',
    'two.iso                 seeding                       10.0 MiB                ↑ 97.7 KiB/s   12 peers  ratio 0.52',
    'three                   ███░░░░░░░░   25%  5.00 MiB / 20.0 MiB  checking',
    '3 torrents                            33%  10.0 MiB / 30.0 MiB  ↓ 1.00 MiB/s  ↑ 97.7 KiB/s   15 peers         20s',
  ])
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
  assert.match(screen.lines[5] ?? '', /^5 of 20 torrents .*↓ 20.0 MiB\/s/)
})

test('what is busy is shown before what only seeds', () => {
  const screen = new Screen(80, 5)
  using view = openView(screen)
  for (let i = 0; i < 5; i++) view.add(seeding(`idle-${i}`, 0))
  view.add(row('busy', {}))
  view.add(seeding('giving', MIB))
  assert.match(screen.lines[0] ?? '', /^busy/)
  assert.match(screen.lines[1] ?? '', /^giving/)
  assert.match(screen.lines[2] ?? '', /^2 of 7 torrents /)
})

test('a lower window shows fewer bars, a higher one more', () => {
  const screen = new Screen(80, 12)
  using view = openView(screen)
  for (let i = 0; i < 10; i++) view.add(row(`${i}.iso`))
  assert.equal(screen.lines.length, 10)
  screen.resize(80, 6)
  assert.match(screen.window[3] ?? '', /^3 of 10 torrents /)
  assert.equal(screen.window.length, 4)
  screen.resize(80, 14)
  assert.match(screen.lines.at(-2) ?? '', /^9.iso/)
})

test('a narrower window leaves nothing of the longer lines behind', () => {
  const screen = new Screen(120, 30)
  using view = openView(screen)
  view.print('note')
  for (let i = 0; i < 3; i++) view.add(row(`${i}.iso`))
  view.print('another note')
  screen.resize(50, 30)
  assert.equal(screen.lines.length, 6, screen.text)
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
    ['two', 'three', '2'],
  )
  view.remove(two)
  view.remove(three)
  view.print('all gone')
  assert.equal(screen.text, 'all gone')
  view.add(row('again'))
  assert.match(screen.lines[1] ?? '', /^again/)
})

test('a typed line end leaves nothing behind', async () => {
  const screen = new Screen(80, 24)
  const keys = new Keys()
  using view = openView(screen, keys)
  await setImmediate()
  view.add(row('one.iso'))
  view.add(row('two.iso'))
  screen.write('\n\n')
  keys.type('\nabc\n')
  view.print('note')
  assert.deepEqual(
    screen.lines.map(line => line.split(' ')[0]),
    ['note', 'one.iso', 'two.iso', '2'],
  )
})

test('Ctrl-Z takes the bars away and shows the cursor; afterwards they begin below what the shell wrote', () => {
  const screen = new Screen(80, 24)
  using view = openView(screen)
  view.add(row('one.iso'))
  const stops: string[] = []
  const kill = mock.method(process, 'kill', (_pid: number, signal: string) => stops.push(signal) > 0)
  try {
    process.emit('SIGTSTP', 'SIGTSTP')
  } finally {
    kill.mock.restore()
  }
  assert.deepEqual(stops, ['SIGTSTP'])
  assert.equal(screen.text, '')
  assert.equal(screen.isCursorVisible, true)
  screen.write('[1]+  Stopped\n$ fg\n')
  process.emit('SIGCONT', 'SIGCONT')
  assert.equal(screen.isCursorVisible, false)
  assert.deepEqual(
    screen.lines.map(line => line.split(' ')[0]),
    ['[1]+', '$', 'one.iso'],
  )
})

test('signals that end the program stay with it', () => {
  const before = process.listenerCount('SIGINT') + process.listenerCount('SIGTERM')
  using view = openView(new Screen(80, 24))
  view.add(row('one'))
  assert.equal(process.listenerCount('SIGINT') + process.listenerCount('SIGTERM'), before)
})
