import { VERSION } from '../base/version.js'

/** Runs the command line `args` (without node and the script) and sets the exit status of the process. */
export async function main(args: readonly string[]): Promise<void> {
  // Scripts ask for it: it is answered before the rest is loaded.
  if (args.length === 1 && args[0] === '--version') {
    console.log(VERSION)
    return
  }
  const { runCommandLine } = await import('./command-line.js')
  await runCommandLine(args)
}
