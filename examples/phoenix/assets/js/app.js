import { socket } from './user_socket.js'

const channel = socket.channel('video:42', {})
let counts

const show = () => {
  document.getElementById('counts').textContent = `${counts.users.count} users and ${counts.viewers.count} viewers`
}
channel.on('presence_state', (state) => {
  counts = state
  show()
})
channel.on('presence_diff', (diff) => {
  counts = diff.counts
  show()
})
channel.join()
