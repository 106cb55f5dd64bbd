import * as v from 'valibot'
import type { EventType, TimedEvent } from '../../src/cli/output/json-events.js'
import { eventSchemas } from '../../src/cli/output/json-schema.js'

export type { EventType }
export type ProgramEvent = TimedEvent
export type EventOf<Type extends EventType> = TimedEvent<Type>

/**
 * Reads a line of `--json` output.
 * @throws {Error} where it is not as the schema says: no test may pass on such a line
 */
export function parseEvent(line: string): ProgramEvent {
  const value: unknown = JSON.parse(line)
  const type = v.is(v.looseObject({ type: v.string() }), value) ? value.type : ''
  const schema = isEventType(type) ? eventSchemas[type] : undefined
  if (schema === undefined) throw new Error(`no event of --json: ${line}`)
  const result = v.safeParse(schema, value)
  if (result.success) return result.output
  const issues = result.issues.map(issue => `${v.getDotPath(issue)}: ${issue.message}`)
  throw new Error(`--json: ${issues.join('; ')}: ${line}`)
}

export function isType<Type extends EventType>(type: Type): (event: ProgramEvent) => event is EventOf<Type> {
  return (event): event is EventOf<Type> => event.type === type
}

function isEventType(type: string): type is EventType {
  return Object.hasOwn(eventSchemas, type)
}
