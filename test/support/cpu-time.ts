import assert from 'node:assert/strict'

/** Runs `work`, which may take this much CPU time of the process (ms): a bound that holds however busy the machine is. */
export function withinCpuTime<T>(maxMs: number, work: () => T): T {
  const before = process.cpuUsage()
  const result = work()
  const { user, system } = process.cpuUsage(before)
  const ms = (user + system) / 1_000
  assert.ok(ms < maxMs, `took ${ms} ms of CPU time, more than ${maxMs}`)
  return result
}
