import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { COMMANDS } from '../../src/cli/commands.js'
import { buildProgram } from '../../src/cli/program.js'

async function commandOf(name: string): Promise<CommandUnknownOpts> {
  const program = await buildProgram(COMMANDS, [name], '1.2.3', () => assert.fail('it is not run'))
  return program.command.commands.find(command => command.name() === name) ?? assert.fail(name)
}

/** Options that set a limit. */
const LIMITS = ['ratio', 'seed-time', 'timeout', 'max-peers', 'slots', 'limit-down', 'limit-up']

/** Options without which there is nothing in that place: no comment, no command. */
const NOTHING_WITHOUT = ['comment', 'source', 'on-complete', 'with-tracker']

describe('the help of each command', () => {
  for (const { name } of COMMANDS) {
    it(`${name}: states every default, and that 0 means no limit`, async () => {
      for (const option of (await commandOf(name)).options) {
        const takesValue = option.required || option.optional
        const states =
          option.defaultValue !== undefined || /default: |repeatable|again/.test(option.description)
        const isFine = !takesValue || states || NOTHING_WITHOUT.includes(option.name())
        assert.ok(isFine, `${option.flags}: ${option.description}`)
        if (LIMITS.includes(option.name())) assert.match(option.description, /0 for no limit/, option.flags)
      }
    })

    it(`${name}: has no line wider than 80 columns`, async () => {
      const help = (await commandOf(name)).configureHelp({ helpWidth: 80 }).helpInformation()
      for (const line of help.split('\n')) assert.ok(line.length <= 80, line)
    })
  }

  it('knows every limit', async () => {
    const names = (await Promise.all(['get', 'seed'].map(commandOf))).flatMap(({ options }) =>
      options.map(option => option.name()),
    )
    for (const limit of LIMITS) assert.ok(names.includes(limit), limit)
  })
})
