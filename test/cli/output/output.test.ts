import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { coloured, paintFor, plain } from '../../../src/cli/view/palette.js'
import { MemoryOutput } from '../memory-output.js'

const HASH = 'ab'.repeat(20)

describe('the streams', () => {
  it('results go to standard output, all else to standard error', () => {
    const memory = new MemoryOutput()
    memory.output.result('ubuntu.iso.torrent')
    memory.output.note('a note')
    memory.output.warn('odd', 'a warning')
    memory.output.error('an error')
    memory.output.event({ type: 'checking', infoHash: HASH })
    assert.equal(memory.stdout, 'ubuntu.iso.torrent\n')
    assert.equal(memory.stderr, 'a note\ntorrent: warning: a warning\ntorrent: an error\n')
  })

  it('with --json there are objects on standard output and nothing but errors beside', () => {
    const memory = new MemoryOutput({ json: true })
    memory.output.result('for people')
    memory.output.note('a note')
    memory.output.warn('odd', 'a warning')
    memory.output.event({ type: 'checking', infoHash: HASH })
    memory.output.event({ type: 'seeding', infoHash: HASH, port: 6881 })
    memory.output.error('an error')
    assert.deepEqual(memory.events, [
      { type: 'warning', code: 'odd', message: 'a warning' },
      { type: 'checking', infoHash: HASH },
      { type: 'seeding', infoHash: HASH, port: 6881 },
    ])
    assert.equal(memory.stderr, 'torrent: an error\n')
  })

  it('with --quiet there are results and errors', () => {
    const memory = new MemoryOutput({ quiet: true })
    memory.output.result('a result')
    memory.output.note('a note')
    memory.output.warn('odd', 'a warning')
    memory.output.error('an error')
    assert.equal(memory.stdout, 'a result\n')
    assert.equal(memory.stderr, 'torrent: an error\n')
  })

  it('a line stays a line, whatever it tells of', () => {
    const memory = new MemoryOutput()
    memory.output.error('evil\n\x1b[2J\u202egpj.exe')
    assert.equal(memory.stderr, 'torrent: evil\\n\\x1b[2J\\u202egpj.exe\n')
  })

  it('lines that a command puts together move no cursor and turn no text, whatever was forgotten in them', () => {
    const hostile = 'a\nb \x1b[31mred\x1b[0m \x1b[2J\x9b1m\u202e'
    const memory = new MemoryOutput()
    memory.output.result(hostile)
    memory.output.picture(hostile)
    const escaped = 'a\nb \\x1b[31mred\\x1b[0m \\x1b[2J\\x9b1m\\u202e\n'
    assert.equal(memory.stdout, escaped)
    assert.equal(memory.stderr, escaped)
    const colourful = new MemoryOutput({ env: { FORCE_COLOR: '1' } })
    colourful.output.result(hostile)
    assert.equal(colourful.stdout, 'a\nb \x1b[31mred\x1b[0m \\x1b[2J\\x9b1m\\u202e\n')
  })

  it('JSON has escapes for the same, and the same value', () => {
    const memory = new MemoryOutput({ json: true })
    const magnet = 'a\x1b\x7f\x9b\u202e\u200b\ufeff\u{e0041}\ud800 ü 👩‍👩‍👧‍👦'
    memory.output.event({ type: 'magnet', infoHash: 'aa', name: 'n', magnet })
    const line = memory.stdout
    assert.doesNotMatch(line, /(?!\n)\p{Cc}|[\u200b\u202e\ufeff\u{e0041}]/u)
    assert.ok(line.includes('ü 👩‍👩‍👧‍👦'))
    assert.equal(JSON.parse(line).magnet, magnet)
  })

  it('a reader that is gone is no error', () => {
    const memory = new MemoryOutput()
    memory.breakPipe('stdout')
    memory.output.result('nobody reads this')
    memory.output.note('but this')
    assert.equal(memory.stdout, '')
    assert.equal(memory.stderr, 'but this\n')
    memory.breakPipe('stderr')
    memory.output.error('nobody reads this either')
    assert.equal(memory.stderr, '')
  })

  it('lines go to the view that draws, for as long as it draws', () => {
    const memory = new MemoryOutput()
    const lines: string[] = []
    const release = memory.output.divert(line => lines.push(line))
    memory.output.note('above the bars')
    memory.output.result('not for this terminal')
    release()
    memory.output.note('below')
    assert.deepEqual(lines, ['above the bars'])
    assert.equal(memory.stdout, 'not for this terminal\n')
    assert.equal(memory.stderr, 'below\n')
  })
})

describe('colours', () => {
  const terminal = { isTTY: true, hasColors: () => true } as unknown as NodeJS.WriteStream
  const dumb = { isTTY: true, hasColors: () => false } as unknown as NodeJS.WriteStream
  const pipe = {} as NodeJS.WriteStream

  const CASES: readonly [
    what: string,
    stream: NodeJS.WriteStream,
    color: boolean,
    env: NodeJS.ProcessEnv,
    has: boolean,
  ][] = [
    ['a terminal has them', terminal, true, {}, true],
    ['a dumb terminal has none', dumb, true, {}, false],
    ['a pipe has none', pipe, true, {}, false],
    ['--no-color takes them away', terminal, false, { FORCE_COLOR: '1' }, false],
    ['NO_COLOR takes them away', terminal, true, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
    ['an empty NO_COLOR does not', terminal, true, { NO_COLOR: '' }, true],
    ['FORCE_COLOR gives them to a pipe', pipe, true, { FORCE_COLOR: '1' }, true],
    ['FORCE_COLOR=0 takes them away', terminal, true, { FORCE_COLOR: '0' }, false],
  ]
  for (const [what, stream, color, env, has] of CASES) {
    it(what, () => assert.equal(paintFor(stream, { color, env }), has ? coloured : plain))
  }
})
