import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { COMMANDS } from '../../src/cli/commands.js'
import { CliError, type CliErrorCode } from '../../src/cli/errors/cli-error.js'
import { verdictOf } from '../../src/cli/errors/exit-codes.js'
import { buildProgram } from '../../src/cli/program.js'
import { PROJECT } from '../support/project.js'

/** The long flags of each command, those of all commands among them. */
const FLAGS = new Map<string, ReadonlySet<string>>()
for (const { name } of COMMANDS) {
  const { command } = await buildProgram(COMMANDS, [name], '1.2.3', () => assert.fail('it is not run'))
  const own = command.commands.find(each => each.name() === name)?.options ?? []
  const flags = [...own, ...command.options].flatMap(({ long }) => (long === undefined ? [] : [long]))
  FLAGS.set(name, new Set([...flags, '--help']))
}

interface Advice {
  /** The command that the text names before the flag: `torrent make --include-hidden`. */
  readonly command: string | undefined
  readonly flag: string
}

function adviceIn(text: string): Advice[] {
  const found = text.matchAll(/(?<=[\s'"`(])(--[a-z][a-z-]*[a-z])(?![\w#]|\.[\w#])/g)
  return Array.from(found, ({ index, 1: flag = '' }) => {
    const [, command] = /torrent ([a-z]+)[^`'"]*$/.exec(text.slice(0, index)) ?? []
    return { command, flag }
  })
}

/** The texts in a file: what stands between quotes, outside of comments. */
async function textsOf(file: string): Promise<string> {
  const source = await readFile(join(PROJECT, 'src', file), 'utf8')
  const code = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
  return (code.match(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g) ?? []).join('\n')
}

function assertHas(commands: readonly string[], { command, flag }: Advice, where: string): void {
  for (const name of command !== undefined && FLAGS.has(command) ? [command] : commands) {
    assert.ok(FLAGS.get(name)?.has(flag), `${where} advises ${flag}, which \`torrent ${name}\` does not have`)
  }
}

/** Which commands an error of the command line may end; `any` for those that all of them may meet. */
const RAISED_BY: Record<CliErrorCode, readonly string[]> = {
  usage: [],
  exists: ['make', 'seed'],
  'not-written': ['make', 'seed'],
  'no-content': ['make', 'seed'],
  stopped: ['get'],
  interrupted: ['make', 'get', 'seed', 'check'],
  'nothing-moved': ['get'],
  'peers-failed': ['get'],
  damaged: ['check'],
  missing: ['check'],
  blocked: ['check'],
  'no-room': ['get'],
  'no-tracker': ['scrape'],
  'no-answer': ['scrape'],
}

describe('a message that advises an option', () => {
  for (const { name } of COMMANDS) {
    it(`of ${name} names one that it has`, async () => {
      const file = `cli/commands/${name}.ts`
      for (const advice of adviceIn(await textsOf(file))) assertHas([name], advice, file)
    })
  }

  it('of an error names one that every command has which may end with it', () => {
    for (const [code, commands] of Object.entries(RAISED_BY)) {
      const error = new CliError('usage', '', { subject: '' })
      Object.defineProperty(error, 'code', { value: code })
      for (const advice of adviceIn(verdictOf(error).hint ?? '')) assertHas(commands, advice, code)
    }
  })

  it('names one that there is, wherever it comes from', async () => {
    const all = new Set([...FLAGS.values()].flatMap(flags => [...flags]))
    // Node.js has it, and starts threads with it.
    all.add('--enable-source-maps')
    let count = 0
    const files = await readdir(join(PROJECT, 'src'), { recursive: true })
    // The simulator has options of its own, and style sheets have names that look like options.
    for (const file of files.filter(path => path.endsWith('.ts') && !/^(sim|web)/.test(path))) {
      for (const { flag } of adviceIn(await textsOf(file))) {
        count++
        assert.ok(all.has(flag), `${file} advises ${flag}, which there is not`)
      }
    }
    assert.ok(count > 50, `only ${count} were found`)
  })
})
