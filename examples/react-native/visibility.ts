import type { Visibility } from '@headcount/client'
import type { AppState } from 'react-native'

/** Whether the application is on the screen. It counts then, and stops 10 s after it was left. */
export function visibilityOf(appState: Pick<typeof AppState, 'addEventListener' | 'currentState'>): Visibility {
  return {
    isVisible: () => appState.currentState === 'active',
    subscribe(listener) {
      const subscription = appState.addEventListener('change', listener)
      return () => subscription.remove()
    },
  }
}
