import type { DemoOptions } from '../routes.js'
import type { Crowd } from './crowd.js'
import type { CrowdSize } from './size.js'

/** The crowd of a demo: made when it is first asked for, since only then the server's own port is known. */
export interface DemoCrowd {
  readonly crowd: DemoOptions['crowd']
  stop(): Promise<void>
}

const nobody: CrowdSize = { viewers: 0, users: 0 }

export function demoCrowd(create: () => Crowd): DemoCrowd {
  let crowd: Crowd | undefined
  return {
    crowd: {
      get wanted() {
        return crowd?.wanted ?? nobody
      },
      get here() {
        return crowd?.here ?? nobody
      },
      resize(size) {
        if (crowd === undefined) {
          crowd = create()
          crowd.start()
        }
        crowd.resize(size)
      },
    },
    async stop() {
      await crowd?.stop()
    },
  }
}
