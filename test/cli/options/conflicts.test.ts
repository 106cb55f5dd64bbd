import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CommanderError } from '@commander-js/extra-typings'
import { COMMANDS } from '../../../src/cli/commands.js'
import { CONFLICTS } from '../../../src/cli/options/conflicts.js'
import { buildProgram } from '../../../src/cli/program.js'

/** What is wrong with a command line; undefined where its action begins. */
async function usageErrorOf(args: readonly string[]): Promise<CommanderError | undefined> {
  const begun = new Error('the action began')
  const program = await buildProgram(COMMANDS, args, '1.2.3', async () => {
    throw begun
  })
  try {
    await program.command.parseAsync(args, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) return error
    if (error !== begun) throw error
  }
  return undefined
}

describe('a command line that contradicts itself', () => {
  for (const { command, options, why, example } of CONFLICTS) {
    const args = [command, ...example]
    it(args.join(' '), async () => {
      const error = (await usageErrorOf(args)) ?? assert.fail('it was taken')
      assert.equal(error.exitCode, 2)
      for (const option of options) assert.ok(error.message.includes(`'${option}'`), error.message)
      assert.ok(error.message.endsWith(`: ${why}`), error.message)
      // The order makes no difference.
      const [source = '', ...rest] = example
      const swapped = [command, source, ...rest.slice(rest.length / 2), ...rest.slice(0, rest.length / 2)]
      const again = await usageErrorOf(swapped)
      if (again !== undefined) assert.equal(again.message, error.message)
    })
  }

  const FINE: readonly (readonly string[])[] = [
    ['get', 'x.torrent', '--exit'],
    ['get', 'x.torrent', '--exit', '--ratio', '0', '--seed-time', '0'],
    ['get', 'x.torrent', '--ratio', '1', '--seed-time', '1h'],
    ['get', 'x.torrent', '--no-tracker', '-t', 'http://t/'],
    ['make', 'x', '-o', '-'],
    ['make', 'x', '--json', '-o', 'x.torrent'],
    ['seed', 'x', '-f', '-o', 'x.torrent'],
    ['seed', 'x', '-p', '0', '--with-tracker', '0'],
    ['seed', 'x', '-p', '7000', '--with-tracker'],
    ['get', 'x.torrent', '--json', '--quiet'],
  ]
  for (const args of FINE) {
    it(`but ${args.join(' ')} does not`, async () => assert.equal(await usageErrorOf(args), undefined))
  }
})
