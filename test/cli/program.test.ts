import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CommanderError } from '@commander-js/extra-typings'
import type { CommandName } from '../../src/cli/options/option-row.js'
import type { ParsedOptions } from '../../src/cli/options/option-table.js'
import { buildProgram, type CommandRow } from '../../src/cli/program.js'

interface Parsed {
  readonly loaded: readonly string[]
  readonly ran: readonly (readonly [name: string, options: object])[]
  readonly globals: ParsedOptions<'global'>
  readonly shown: string
  readonly error: CommanderError | undefined
}

/** Parses a command line with the commands `get` and `seed`, which do nothing. */
async function parse(...args: string[]): Promise<Parsed> {
  const loaded: string[] = []
  const ran: [string, object][] = []
  const rows: CommandRow[] = (['get', 'seed'] satisfies CommandName[]).map(name => ({
    name,
    summary: `does ${name}`,
    load: async () => {
      loaded.push(name)
      return command => {
        command
          .argument('[source...]')
          .option('-d, --dir <folder>', 'where')
          .action((_, options) => {
            ran.push([name, options])
          })
      }
    },
  }))
  const program = await buildProgram(rows, args, '1.2.3', () => assert.fail('no command asks for it'))
  let shown = ''
  const write = (text: string): void => {
    shown += text
  }
  for (const command of [program.command, ...program.command.commands]) {
    command.configureOutput({ writeOut: write, writeErr: write })
  }
  let error: CommanderError | undefined
  try {
    await program.command.parseAsync(args, { from: 'user' })
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown
    error = thrown
  }
  return { loaded, ran, globals: program.globals(), shown, error }
}

describe('the command line', () => {
  it('loads only the command that was typed', async () => {
    assert.deepEqual((await parse('get', 'x')).loaded, ['get'])
    assert.deepEqual((await parse('help', 'seed')).loaded, ['seed'])
    for (const args of [['--version'], ['--help'], [], ['nonsense']])
      assert.deepEqual((await parse(...args)).loaded, [])
  })

  it('takes global options before and behind the command', async () => {
    for (const args of [
      ['--json', '-q', 'get', 'x'],
      ['get', '--json', 'x', '-q'],
      ['get', 'x', '--json', '--quiet'],
    ]) {
      const { globals, ran } = await parse(...args)
      assert.deepEqual(globals, { json: true, quiet: true, color: true })
      assert.deepEqual(ran, [['get', {}]])
    }
    assert.equal((await parse('get', 'x', '--no-color')).globals.color, false)
  })

  it('gives each command its own options', async () => {
    assert.deepEqual((await parse('get', 'x', '-d', 'y')).ran, [['get', { dir: 'y' }]])
    assert.deepEqual((await parse('get', 'x', '-qd', 'y')).ran, [['get', { dir: 'y' }]])
    assert.equal((await parse('get', '--', '--json')).globals.json, false)
  })

  it('prints the version and the help', async () => {
    assert.deepEqual((await parse('--version')).shown, '1.2.3\n')
    const { shown, error } = await parse('--help')
    assert.equal(error?.exitCode, 0)
    assert.match(shown, /get +does get\n +seed +does seed/)
    assert.match(shown, /Exit codes:\n {2}0 {2}done/)
    assert.ok(shown.split('\n').every(line => line.length <= 80))
    assert.match((await parse('get', '--help')).shown, /Global Options:\n[\s\S]*--json/)
  })

  it('suggests what may have been meant', async () => {
    assert.match((await parse('gte')).error?.message ?? '', /unknown command 'gte'\n\(Did you mean get\?\)/)
    assert.match(
      (await parse('get', '--dri', 'x')).error?.message ?? '',
      /unknown option '--dri'\n\(Did you mean --dir\?\)/,
    )
    assert.match((await parse('get', '--jsn', 'x')).error?.message ?? '', /Did you mean --json/)
  })
})
