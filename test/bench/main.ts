// `npm run bench`: what this program takes beside others, and how it grows. `options.ts` says how it is called.
import { writeFile } from 'node:fs/promises'
import { OFFLINE } from '../support/offline.js'
import { TempFolder } from '../support/temp-folder.js'
import { Bench } from './bench.js'
import { describeMachine, machineLine } from './machine.js'
import { type Options, readOptions } from './options.js'
import { type Result, reportOf, summaryOf, toKept } from './output/report.js'
import { missingFor } from './tools.js'

interface Failure {
  readonly name: string
  readonly reason: string
}

async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args)
  if (options.isList) {
    for (const { name, title } of options.cases) console.log(`${name.padEnd(20)}${title}`)
    return
  }
  const machine = describeMachine()
  const say = options.json === '-' ? () => {} : (text: string) => console.log(text)
  say(`${machineLine(machine)}\n${conditions(options)}`)

  const results: Result[] = []
  const skipped: Failure[] = []
  const failed: Failure[] = []
  await using folder = new TempFolder(options.folder)
  const bench = new Bench(options, folder)
  for (const { name, title, needs, run } of options.cases) {
    const missing = missingFor(needs)
    if (missing !== undefined) {
      skipped.push({ name, reason: missing })
      say(`\n${name}: skipped, ${missing}`)
      continue
    }
    const before = bench.repeats.length
    try {
      const figures = await run(bench)
      const result = { name, title, figures, repeats: bench.repeats.slice(before) }
      results.push(result)
      say(`\n${reportOf(result, options.style)}`)
    } catch (error) {
      // One that fails takes nothing away from the others.
      const reason = error instanceof Error ? error.message : String(error)
      failed.push({ name, reason })
      console.error(`${name}: failed: ${reason}`)
    }
  }
  say(`\n${summaryOf(results, options.style)}`)
  await keep(options, {
    machine,
    conditions: conditions(options),
    results: results.map(toKept),
    skipped,
    failed,
  })
  if (failed.length > 0) process.exitCode = 1
}

function conditions({ size, rounds }: Options): string {
  return `Content of ${size / 2 ** 20} MiB in pieces of 1 MiB where nothing else is said; whole processes from start to exit, in turns; medians of ${rounds} ${rounds === 1 ? 'round' : 'rounds'}`
}

async function keep({ json }: Options, kept: object): Promise<void> {
  const text = JSON.stringify(kept, undefined, 2)
  if (json === '-') console.log(text)
  else if (json !== undefined) await writeFile(json, `${text}\n`)
}

Object.assign(process.env, OFFLINE)
try {
  await main(process.argv.slice(2))
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 2
}
