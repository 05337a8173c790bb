import { Socket } from 'phoenix'
import { createRoot } from 'react-dom/client'
import { connect, Provider } from 'react-redux'
import { combineReducers, legacy_createStore as createStore } from 'redux'
import { presenceDiff, presenceReducer, setPresence } from './presence'

const store = createStore(combineReducers({ presence: presenceReducer }))

const socket = new Socket('/socket')
socket.connect()
const channel = socket.channel('video:42')
channel.on('presence_state', (counts) => store.dispatch(setPresence(counts)))
channel.on('presence_diff', (diff) => store.dispatch(presenceDiff(diff)))
channel.join()

const Presence = connect(({ presence }) => ({ users: presence.users.count, viewers: presence.viewers.count }))(
  ({ users, viewers }) => (
    <p>
      {users} users and {viewers} viewers
    </p>
  ),
)

createRoot(document.getElementById('root')).render(
  <Provider store={store}>
    <Presence />
  </Provider>,
)
