import { Agent } from 'undici'

interface Shared {
  readonly agent: Agent
  users: number
}

const agents = new Map<string, Shared>()

/**
 * Does work with an agent that all share who connect in the same way at the same time, and with it its connections: a session
 * of thousands of torrents has the same tracker to ask again and again. The last one closes it, so that nothing is left.
 */
export async function withSharedAgent<Result>(
  options: Agent.Options,
  work: (agent: Agent) => Promise<Result>,
): Promise<Result> {
  const key = JSON.stringify(options)
  const shared = agents.get(key) ?? { agent: new Agent(options), users: 0 }
  agents.set(key, shared)
  shared.users++
  try {
    return await work(shared.agent)
  } finally {
    if (--shared.users === 0) {
      agents.delete(key)
      await shared.agent.destroy()
    }
  }
}
