import { Option } from '@commander-js/extra-typings'
import type { AddOptions } from '../../client/task/task-host.js'
import type { SeedChoker } from '../../engine/upload/choking/seed-choker.js'
import { countLimitValue } from '../values/option-values.js'

const GROUP = 'Swarm options:'

// Who may download from us: options of `get` and of `seed`, one by one.

export const slotsOption = (): Option<'--slots <n>', undefined, undefined, number> =>
  new Option(
    '--slots <n>',
    'peers that may download at a time, 0 for no limit (default: 5, and more while the line is not full)',
  )
    .argParser(countLimitValue)
    .helpGroup(GROUP)

export const seedChokerOption = (): Option<
  '--seed-choker <policy>',
  undefined,
  'round-robin',
  undefined,
  false,
  SeedChoker
> =>
  new Option('--seed-choker <policy>', 'which peers a seeder serves: each in turn, or the fastest')
    .choices(['round-robin', 'fastest'] as const)
    .default('round-robin' as const)
    .helpGroup(GROUP)

export const superSeedOption = (): Option<'--super-seed'> =>
  new Option(
    '--super-seed',
    'show peers only what nobody has yet: the first seeder sends the content about once',
  ).helpGroup(GROUP)

/** The values of the options above. */
export interface SharingValues {
  readonly slots?: number | undefined
  readonly seedChoker: SeedChoker
  readonly superSeed?: true | undefined
}

export function sharing({ slots, seedChoker, superSeed }: SharingValues): Pick<AddOptions, 'upload'> {
  return { upload: { slots, seedChoker, superSeed: superSeed === true } }
}
