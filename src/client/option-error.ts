import { CodedError } from '../base/errors.js'

export type OptionErrorCode = 'bad-option'

/** An option that a program gave has a value that it cannot have; nothing was begun. */
export class OptionError extends CodedError<OptionErrorCode, { option: string }> {}

/** One value, and what it has to be. */
export type OptionRule = readonly [option: string, isRight: boolean, mustBe: string]

/** @throws {OptionError} for the first rule that is broken */
export function checkOptions(rules: Iterable<OptionRule>): void {
  for (const [option, isRight, mustBe] of rules)
    if (!isRight) throw new OptionError('bad-option', `${option} must be ${mustBe}`, { option })
}

/** Undefined, or one of these: programs without types may say anything. */
export function isOneOf(value: unknown, choices: readonly string[]): boolean {
  return value === undefined || choices.some(choice => choice === value)
}

export function isBooleanOption(value: unknown): boolean {
  return value === undefined || typeof value === 'boolean'
}

/** Undefined, a whole number from 1 on, or infinite. */
export function isCountOption(value: unknown): boolean {
  return (
    value === undefined ||
    value === Number.POSITIVE_INFINITY ||
    (Number.isInteger(value) && Number(value) >= 1)
  )
}

/** Bytes per second, where 0 is no limit. */
export function ratesRules(rates: { down?: unknown; up?: unknown } | undefined): OptionRule[] {
  const isRate = (rate: unknown) => rate === undefined || (typeof rate === 'number' && rate >= 0)
  return [
    ['limits.down', isRate(rates?.down), 'bytes per second, 0 for no limit'],
    ['limits.up', isRate(rates?.up), 'bytes per second, 0 for no limit'],
  ]
}
