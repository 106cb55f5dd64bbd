import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { CONFLICTS, type Conflict } from './conflicts.js'
import type { OptionName } from './option-table.js'
import { NO_LIMIT } from './option-values.js'

/** A usage error where options contradict each other, or where one lacks the option that it needs. */
export function refuseConflicts(command: CommandUnknownOpts): void {
  for (const conflict of CONFLICTS) {
    if (conflict.command !== command.name()) continue
    const [one, other] = conflict.options
    if (!isViolated(conflict, givenValue(command, one), givenValue(command, other))) continue
    const what = conflict.type === 'contradiction' ? 'cannot be used with' : 'needs'
    const message = `option '${one}' ${what} '${other}': ${conflict.why}`
    command.error(message, { code: 'torrent.conflict', exitCode: 2 })
  }
}

function isViolated(conflict: Conflict, one: unknown, other: unknown): boolean {
  switch (conflict.type) {
    case 'contradiction':
      return one !== undefined && other !== undefined && (conflict.when?.(one, other) ?? true)
    case 'need':
      return one !== undefined && other === undefined
  }
}

/** The value of an option that was given; undefined where it has its default, or stands for no limit. */
function givenValue(command: CommandUnknownOpts, name: OptionName): unknown {
  const options = [...command.options, ...(command.parent?.options ?? [])]
  const option = options.find(({ long }) => long === name)
  if (option === undefined) return undefined
  const key = option.attributeName()
  const source = command.getOptionValueSourceWithGlobals(key)
  const value: unknown = command.optsWithGlobals()[key]
  return source === 'default' || value === NO_LIMIT ? undefined : value
}
