export type CommandName = 'make' | 'get' | 'seed' | 'tracker' | 'info' | 'check' | 'magnet' | 'scrape'

interface Row {
  /** Its name among the parsed options. */
  readonly key: string
  readonly long: `--${string}`
  readonly short?: `-${string}`
  /** The commands that have it; `global` for all of them. */
  readonly commands: readonly CommandName[] | 'global'
  /** The heading in the help of a command; without one it stands under `Options:`. */
  readonly group?: string
  /** For the help, without the default and the choices. */
  readonly description: string
}

/** True where it is given, else false. */
interface FlagRow extends Row {
  readonly type: 'flag'
  /** Describes the default, if it needs a description. */
  readonly defaultNote?: string
}

/** False where it is given, else true. */
interface OffSwitchRow extends Row {
  readonly type: 'off-switch'
  /** The environment variable that does the same where it is set to 1. */
  readonly variable?: `TORRENT_NO_${string}`
}

/** One value. */
interface ValueRow extends Row {
  readonly type: 'value'
  /** `<name>`, or `[name]` where it may be left out. */
  readonly argument: string
  /** Throws commander's `InvalidArgumentError`. Never gives undefined, which commander would turn into an empty string. */
  parse(text: string): unknown
  /** As it would be typed. Without it the value is undefined where the option is not given. */
  readonly default?: string
  /** Describes the meaning of undefined, if it has one. */
  readonly defaultNote?: string
  /** The value of `[name]` if it is left out, as it would be typed. */
  readonly preset?: string
}

/** One of a few words. */
interface ChoiceRow extends Row {
  readonly type: 'choice'
  readonly argument: string
  readonly choices: readonly string[]
  readonly default: string
}

/** As many values as it is given, in their order. */
interface ListRow extends Row {
  readonly type: 'list'
  readonly argument: string
  /** Reads one of them. Throws commander's `InvalidArgumentError`. */
  parse(text: string): unknown
  /** The value of `[name]` if it is left out, as it would be typed. */
  readonly preset?: string
}

/** One option of the command line; everything about it is made from its row. */
export type OptionRow = FlagRow | OffSwitchRow | ValueRow | ChoiceRow | ListRow
