import { Record } from 'immutable'
import { createAction, handleActions } from 'redux-actions'

export const setPresence = createAction('PRESENCE/SET')
export const presenceDiff = createAction('PRESENCE/DIFF')

const PresenceRecord = Record({ users: { count: 0 }, viewers: { count: 0 } })

export const presenceReducer = handleActions(
  {
    [setPresence]: (state, { payload }) => state.merge(payload),
    [presenceDiff]: (state, { payload: { joins, leaves } }) =>
      state
        .updateIn(['users', 'count'], (count) => count + joins.users.count - leaves.users.count)
        .updateIn(['viewers', 'count'], (count) => count + joins.viewers.count - leaves.viewers.count),
  },
  new PresenceRecord(),
)
