import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { COMMANDS } from '../../src/cli/commands.js'
import type { OptionRow } from '../../src/cli/options/option-row.js'
import { OPTIONS, optionsOf } from '../../src/cli/options/option-table.js'
import { NO_LIMIT } from '../../src/cli/options/option-values.js'
import { buildProgram } from '../../src/cli/program.js'
import { PROJECT } from '../support/project.js'

async function commandOf(name: string): Promise<CommandUnknownOpts> {
  const program = await buildProgram(COMMANDS, [name], '1.2.3', () => assert.fail('it is not run'))
  return program.command.commands.find(command => command.name() === name) ?? assert.fail(name)
}

/** The lines of the help of a command, on a terminal of that many columns. */
async function helpOf(name: string, columns: number): Promise<string[]> {
  const command = await commandOf(name)
  command.configureHelp({ ...command.configureHelp(), helpWidth: columns })
  return command.helpInformation().split('\n')
}

/** What the help says behind an option, in brackets: its choices, and what holds without it. */
function notesOf(row: OptionRow): string {
  switch (row.type) {
    case 'choice':
      return ` (${row.choices.join(', ')}; default: ${row.default})`
    case 'list':
      return ' (repeatable)'
    case 'value':
      if (row.preset !== undefined) return ` (default port: ${row.preset})`
      return defaultNote(row.default ?? row.defaultNote)
    case 'flag':
      return defaultNote(row.defaultNote)
    case 'off-switch':
      return row.variable === undefined ? '' : ` (env: ${row.variable}=1)`
  }
}

function defaultNote(note: string | undefined): string {
  return note === undefined ? '' : ` (default: ${note})`
}

/** Options without which there is nothing in that place: no comment, no command. */
const NOTHING_WITHOUT = ['comment', 'source', 'onComplete', 'withTracker']

const ROWS: readonly OptionRow[] = OPTIONS

describe('the help of each command', () => {
  for (const { name } of COMMANDS) {
    it(`${name}: has every option of the table, with its default`, async () => {
      const lines = await helpOf(name, 1_000)
      for (const row of [...optionsOf(name), ...optionsOf('global')]) {
        const names = row.short === undefined ? row.long : `${row.short}, ${row.long}`
        const term = 'argument' in row ? `${names} ${row.argument}` : names
        const line = lines.find(each => each.trim().startsWith(`${term} `)) ?? assert.fail(term)
        assert.ok(line.endsWith(` ${row.description}${notesOf(row)}`), line)
      }
    })

    it(`${name}: has no line wider than 80 columns`, async () => {
      for (const line of await helpOf(name, 80)) assert.ok(line.length <= 80, line)
    })
  }
})

describe('the option table', () => {
  it('states what holds without each option that takes a value', () => {
    for (const row of ROWS) {
      if (row.type !== 'value' || NOTHING_WITHOUT.includes(row.key)) continue
      assert.notEqual(row.default ?? row.defaultNote, undefined, row.long)
    }
  })

  it('says of each limit that 0 is none', () => {
    const limits = ROWS.filter(row => row.type === 'value' && isLimit(row.parse))
    assert.ok(limits.length >= 7, String(limits.length))
    for (const { long, description } of limits) assert.match(description, /, 0 for no limit$/, long)
  })

  it('has each name and each key once in a command', () => {
    for (const { name } of COMMANDS) {
      const rows = [...optionsOf(name), ...optionsOf('global')]
      for (const names of [rows.map(row => row.long), rows.map(row => row.key)]) {
        assert.equal(new Set(names).size, names.length, `${name}: ${names.join(' ')}`)
      }
      const shorts = rows.flatMap(row => row.short ?? [])
      assert.equal(new Set(shorts).size, shorts.length, `${name}: ${shorts.join(' ')}`)
    }
  })

  it('has every option that the README names', () => {
    const readme = readFileSync(join(PROJECT, 'README.md'), 'utf8')
    const rows = readme.split('\n').filter(line => line.startsWith('| `-'))
    assert.ok(rows.length > 15, String(rows.length))
    for (const row of rows) {
      const [, names = '', commands = ''] = row.split(/(?<!\\)\|/)
      for (const [long] of names.matchAll(/--[a-z-]+/g)) assert.ok(isThere(long, commands), row)
    }
    for (const [, name = '', rest = ''] of readme.matchAll(
      /torrent (get|seed|make|tracker|info|check)\b([^`\n]*)/g,
    ))
      for (const [long] of rest.matchAll(/(?<=\s)--[a-z-]+/g))
        assert.ok(isThere(long, name), `${name} ${long}`)
  })
})

function isLimit(parse: (text: string) => unknown): boolean {
  try {
    const none = parse('0')
    return none === NO_LIMIT || none === 2 ** 31 - 1 || (none === 0 && isRate(parse))
  } catch {
    return false
  }
}

/** Of the parsers that take 0 as it is, a port's does not know units. */
function isRate(parse: (text: string) => unknown): boolean {
  try {
    return parse('2MB') === 2_000_000
  } catch {
    return false
  }
}

/** Whether one of the commands that a text names has an option. */
function isThere(long: string, commands: string): boolean {
  const named = COMMANDS.filter(({ name }) => commands.includes(name) || /\ball\b/.test(commands))
  const rows = [...named.flatMap(({ name }) => optionsOf(name)), ...optionsOf('global')]
  return rows.some(row => row.long === long)
}
