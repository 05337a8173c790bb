/** Where sockets are taken, as Phoenix has it. */
export const socketPath = '/socket/websocket'
