// `npm run bench -- [--case <name>] [--size 1GiB] [--rounds 5] [--format v1] [--folder <path>] [--json <file>]`
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import { hasPartner } from '../support/partners.js'
import { TempFolder } from '../support/temp-folder.js'
import type { BenchCase, BenchOptions } from './bench-case.js'
import { getSeed } from './cases/get-seed.js'
import { describeMachine } from './machine.js'
import { mediansOf, type Results, record, tableOf } from './report.js'

const CASES: readonly BenchCase[] = [getSeed]

const { values } = parseArgs({
  options: {
    case: { type: 'string' },
    size: { type: 'string', default: '1GiB' },
    rounds: { type: 'string', default: '5' },
    format: { type: 'string', default: 'v1' },
    folder: { type: 'string', default: tmpdir() },
    json: { type: 'string' },
  },
})

function parseBytes(text: string): number {
  const [, count = '', unit = ''] = /^(\d+)(KiB|MiB|GiB)$/.exec(text) ?? []
  const power = ['KiB', 'MiB', 'GiB'].indexOf(unit) + 1
  if (power === 0) throw new Error(`--size: not like 64MiB or 1GiB: ${text}`)
  return Number(count) * 1024 ** power
}

function parseFormat(text: string): BenchOptions['format'] {
  if (text === 'v1' || text === 'v2' || text === 'hybrid') return text
  throw new Error(`--format: not v1, v2 or hybrid: ${text}`)
}

/** Runs the contenders by turns, so that what else the machine does hits all of them; each round begins with another. */
async function runCase(bench: BenchCase, options: BenchOptions): Promise<Results> {
  await using folder = new TempFolder(values.folder)
  const contenders = await bench.prepare(options, folder)
  const results: Results = new Map()
  for (let round = 0; round < options.rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const contender = contenders[(round + turn) % contenders.length]
      if (contender === undefined) continue
      const samples = Object.entries(await contender.run())
      for (const [comparison, sample] of samples) record(results, comparison, contender.label, sample)
      const walls = samples.map(([, { wallMs }]) => `${(wallMs / 1000).toFixed(2)} s`)
      console.error(`round ${round + 1} of ${options.rounds}: ${contender.label}: ${walls[0] ?? '–'}`)
    }
  }
  return results
}

async function main(): Promise<void> {
  const rounds = Number(values.rounds)
  if (!Number.isSafeInteger(rounds) || rounds < 1) throw new Error(`--rounds: not a count: ${values.rounds}`)
  const options = { size: parseBytes(values.size), rounds, format: parseFormat(values.format) }
  const chosen = CASES.filter(({ name }) => values.case === undefined || name === values.case)
  if (chosen.length === 0) throw new Error(`--case: one of ${CASES.map(({ name }) => name).join(', ')}`)
  const machine = describeMachine()
  const written: object[] = []

  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`)
  console.log(`${machine.cpu}, ${machine.cores} cores, ${machine.system}; ${versions.join(', ')}`)
  for (const bench of chosen) {
    const missing = bench.needs.filter(partner => !hasPartner(partner))
    if (missing.length > 0) {
      console.log(`${bench.name}: left out, ${missing.join(' and ')} is not installed`)
      continue
    }
    const results = await runCase(bench, options)
    const shape = `${values.size} in one file, ${options.format}, medians of ${rounds} rounds`
    console.log(`\n${bench.name}: ${shape}\n\n${tableOf(results, options.size)}\n`)
    for (const [comparison, labels] of results) {
      for (const [label, samples] of labels) {
        written.push({ case: bench.name, comparison, label, ...mediansOf(samples), samples })
      }
    }
  }
  if (values.json !== undefined) {
    await writeFile(values.json, `${JSON.stringify({ machine, options, results: written }, undefined, 2)}\n`)
  }
}

await main()
