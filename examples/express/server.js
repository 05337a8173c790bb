import { createServer } from 'node:http'
import { createHeadcount } from '@headcount/server'
import express from 'express'
import { WebSocketServer } from 'ws'

const app = express()
const server = createServer(app)

const headcount = createHeadcount({ topics: ['video:*'], auth: { secret: process.env.JWT_SECRET } })
headcount.attach(server)
app.use(headcount.handle)

app.get('/', (_request, response) => {
  response.send('An Express application')
})

// Another WebSocket server, which shares the HTTP server.
const chat = new WebSocketServer({ noServer: true })
chat.on('connection', (socket) => socket.on('message', (message) => socket.send(`echo: ${message}`)))
server.on('upgrade', (request, socket, head) => {
  if (request.url !== '/chat') return
  chat.handleUpgrade(request, socket, head, (webSocket) => chat.emit('connection', webSocket, request))
})

server.listen(4000)
