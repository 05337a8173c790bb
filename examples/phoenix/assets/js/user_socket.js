import { Socket } from 'phoenix'

// Phoenix's own server has port 4000 too, so start one of them on another port: PORT=4001 mix phx.server
export const socket = new Socket('ws://localhost:4000/socket', {
  authToken: window.userToken,
  longPollFallbackMs: 2500,
})
socket.connect()
