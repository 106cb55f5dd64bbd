// The list on a terminal.

import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { describe, it } from 'node:test'
import { plain } from '../../../../src/cli/view/palette.js'
import { canPick, pickFiles } from '../../../../src/cli/view/picker/pick-files.js'
import { someFile } from '../../some-torrent.js'
import { Screen } from '../screen.js'

const TORRENT = { name: 'season', entries: [someFile(['a'], 1), someFile(['b'], 2), someFile(['c'], 3)] }

class Keyboard extends PassThrough {
  readonly isTTY = true
  isRaw = false

  setRawMode(isRaw: boolean): this {
    this.isRaw = isRaw
    return this
  }
}

function start() {
  const stdin = new Keyboard()
  const screen = new Screen(40, 10)
  const controller = new AbortController()
  screen.write('before\n')
  const picked = pickFiles(TORRENT, () => true, {
    stdin: stdin as unknown as NodeJS.ReadStream,
    stderr: screen as unknown as NodeJS.WriteStream,
    paint: plain,
    signal: controller.signal,
  })
  return { stdin, screen, picked, controller }
}

function assertClean(stdin: Keyboard, screen: Screen): void {
  assert.equal(screen.text, 'before')
  assert.ok(screen.isCursorVisible)
  assert.equal(stdin.isRaw, false)
  assert.equal(stdin.listenerCount('data'), 0)
  assert.equal(screen.listenerCount('resize'), 0)
}

describe('files picked on a terminal', () => {
  it('are those that are selected at the end, and nothing is left on the screen', async () => {
    const { stdin, screen, picked } = start()
    assert.ok(stdin.isRaw)
    assert.equal(screen.isCursorVisible, false)
    assert.match(screen.text, /3 of 3 selected/)
    stdin.write('\x1b[B')
    stdin.write(' ')
    stdin.write('\r')
    assert.deepEqual(await picked, [1, 2])
    assertClean(stdin, screen)
  })

  it('are drawn anew when the window changes', async () => {
    const { stdin, screen, picked } = start()
    screen.resize(20, 6)
    screen.emit('resize')
    assert.ok(screen.window.length <= 6, screen.window.join('\n'))
    stdin.write('\x1b')
    assert.equal(await picked, undefined)
    assertClean(stdin, screen)
  })

  for (const how of ['Ctrl-C', 'a signal', 'the end of the input']) {
    it(`are none after ${how}`, async () => {
      const { stdin, screen, picked, controller } = start()
      if (how === 'Ctrl-C') stdin.write('\x03')
      else if (how === 'a signal') controller.abort()
      else stdin.end()
      assert.equal(await picked, undefined)
      assertClean(stdin, screen)
    })
  }

  it('need a keyboard and a screen', () => {
    const { stdin, stdout } = process
    const no = { isTTY: false }
    const yes = { isTTY: true }
    const can = (keyboard: object, screen: object, term?: string) =>
      canPick({ stdin: { ...stdin, ...keyboard }, stderr: { ...stdout, ...screen } } as never, term)
    assert.equal(can(yes, yes, 'xterm'), true)
    assert.equal(can(no, yes, 'xterm'), false)
    assert.equal(can(yes, no, 'xterm'), false)
    assert.equal(can(yes, yes, 'dumb'), false)
  })
})
