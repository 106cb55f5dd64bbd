import { CommandContext } from '../../../src/cli/command-context.js'
import type { CommandName } from '../../../src/cli/options/option-row.js'
import { buildProgram, type DefineCommand } from '../../../src/cli/program.js'
import { MemoryOutput } from '../memory-output.js'

export interface CommandRun {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
  /** With `--json`. */
  readonly events: readonly Record<string, unknown>[]
}

/** Runs one command of the command line in this process; what commander throws for a wrong command line comes out. */
export async function runCommand(
  define: DefineCommand,
  args: readonly [name: CommandName, ...string[]],
): Promise<CommandRun> {
  const [name] = args
  let memory: MemoryOutput | undefined
  let context: CommandContext | undefined
  const program = await buildProgram(
    [{ name, summary: '', load: async () => define }],
    args,
    '1.2.3',
    async () => {
      const { json, quiet, color } = program.globals()
      memory = new MemoryOutput({ json, quiet, color })
      context = new CommandContext(memory.output)
      return context
    },
  )
  try {
    await program.command.parseAsync(args, { from: 'user' })
  } catch (error) {
    if (context === undefined) throw error
    context.fail(error)
  }
  const status = context?.status ?? 0
  const isJson = program.globals().json
  const written = isJson
    ? { events: memory?.events ?? [], stdout: '' }
    : { events: [], stdout: memory?.stdout ?? '' }
  return { status, ...written, stderr: memory?.stderr ?? '' }
}
