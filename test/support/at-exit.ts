/**
 * What `await using` cannot do: a test process that is stopped by a signal or by an error still ends its
 * children and removes its folders.
 */
const remaining = new Set<() => void>()
let isInstalled = false

/** Runs `clean` (synchronous) when the process ends, unless the returned function was called before. */
export function atExit(clean: () => void): () => void {
  if (!isInstalled) install()
  remaining.add(clean)
  return () => {
    remaining.delete(clean)
  }
}

function install(): void {
  isInstalled = true
  // What was made last goes first: a child before the folder that it writes to.
  process.on('exit', () => {
    for (const clean of [...remaining].reverse()) clean()
  })
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) {
    process.on(signal, () => process.exit(1))
  }
}
