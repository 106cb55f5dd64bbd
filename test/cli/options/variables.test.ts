import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Command, CommanderError } from '@commander-js/extra-typings'
import { addOptions } from '../../../src/cli/options/add-options.js'
import type { OptionRow } from '../../../src/cli/options/option-row.js'
import { OPTIONS } from '../../../src/cli/options/option-table.js'

const ROWS: readonly OptionRow[] = OPTIONS

/** Parses a command line of `get`, in which a variable of the environment has a value. */
function parsed(
  variable: string,
  value: string | undefined,
  ...args: readonly string[]
): Record<string, unknown> {
  const before = process.env[variable]
  if (value === undefined) delete process.env[variable]
  else process.env[variable] = value
  try {
    return addOptions(new Command('get').exitOverride(), 'get').parse(args, { from: 'user' }).opts()
  } finally {
    if (before === undefined) delete process.env[variable]
    else process.env[variable] = before
  }
}

describe('environment variables for options', () => {
  const named = ROWS.flatMap(row => (row.type === 'off-switch' && row.variable !== undefined ? [row] : []))

  it('are there for what reaches beyond the peers of trackers', () => {
    assert.ok(named.some(({ variable }) => variable === 'TORRENT_NO_LSD'))
  })

  for (const { key, long, variable = '' } of named) {
    it(`${variable} set to 1 does as ${long}`, () => {
      assert.equal(parsed(variable, '1')[key], false)
      assert.equal(parsed(variable, undefined, long)[key], false)
      for (const value of ['0', '', undefined]) assert.equal(parsed(variable, value)[key], true, value)
    })

    it(`${variable} set to anything else is a usage error`, () => {
      for (const value of ['true', 'yes', '2'])
        assert.throws(
          () => parsed(variable, value),
          (error: unknown) => error instanceof CommanderError && error.exitCode === 2,
        )
    })
  }
})
