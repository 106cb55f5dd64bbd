import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import { casesOf } from './all-cases.js'
import type { BenchOptions } from './bench.js'
import type { BenchCase } from './bench-case.js'
import type { TableStyle } from './output/table.js'

const USAGE = `npm run bench -- [options]
  --case <name>     one case, or all whose names begin so; again for more (default: all)
  --list            say what there is
  --size <size>     of the content of most cases, like 64MiB (default: 1GiB)
  --rounds <n>      (default: 5)
  --folder <path>   where content and downloads are written: what is measured is this disk, too (default: ${tmpdir()})
  --json [file]     keep all samples in a file, or write them to standard output instead of tables
  --markdown        tables for a page
  --short           64 MiB, one round, short curves: shows that it works`

export interface Options extends BenchOptions {
  readonly cases: readonly BenchCase[]
  readonly isList: boolean
  readonly folder: string
  /** Where the samples go; `-` is standard output, and then nothing else goes there. */
  readonly json: string | undefined
  readonly style: TableStyle
}

/** @throws {Error} with what is wrong */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: withJsonValue(args),
    allowPositionals: true,
    options: {
      case: { type: 'string', multiple: true, default: [] },
      list: { type: 'boolean', default: false },
      size: { type: 'string' },
      rounds: { type: 'string' },
      folder: { type: 'string', default: tmpdir() },
      json: { type: 'string' },
      markdown: { type: 'boolean', default: false },
      short: { type: 'boolean', default: false },
    },
  })
  if (positionals.length > 0) throw new Error(`not an option: ${positionals.join(' ')}\n${USAGE}`)
  const { short: isShort } = values
  return {
    cases: chosenCases(values.case),
    isList: values.list,
    size: parseBytes(values.size ?? (isShort ? '64MiB' : '1GiB')),
    rounds: parseCount(values.rounds ?? (isShort ? '1' : '5')),
    isShort,
    folder: values.folder,
    json: values.json,
    style: values.markdown ? 'markdown' : 'plain',
  }
}

/** `--json` alone means standard output, which `parseArgs` cannot say. */
function withJsonValue(args: readonly string[]): string[] {
  return args.flatMap((arg, i) => {
    const next = args[i + 1]
    return arg === '--json' && (next === undefined || next.startsWith('--')) ? ['--json', '-'] : [arg]
  })
}

function chosenCases(names: readonly string[]): readonly BenchCase[] {
  if (names.length === 0) return casesOf(undefined)
  return names.flatMap(name => {
    const cases = casesOf(name)
    if (cases.length === 0) throw new Error(`--case: there is no ${name}: --list shows all`)
    return cases
  })
}

function parseCount(text: string): number {
  const count = Number(text)
  if (!Number.isSafeInteger(count) || count < 1) throw new Error(`--rounds: not a count: ${text}`)
  return count
}

function parseBytes(text: string): number {
  const [, count = '', unit = ''] = /^(\d+)(KiB|MiB|GiB)$/.exec(text) ?? []
  const power = ['KiB', 'MiB', 'GiB'].indexOf(unit) + 1
  if (power === 0) throw new Error(`--size: not like 64MiB or 1GiB: ${text}`)
  return Number(count) * 1024 ** power
}
