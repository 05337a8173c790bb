import { createServer } from 'node:http'
import { createHeadcount } from '@headcount/server'
import express from 'express'
import { WebSocketServer } from 'ws'

const app = express()
const server = createServer(app)

const headcount = createHeadcount({ topics: ['video:*'] })
headcount.attach(server)
app.use(headcount.handle)

app.get('/', (_request, response) => {
  response.send('An Express application')
})

// Another WebSocket server on the same HTTP server.
const chat = new WebSocketServer({ server, path: '/chat' })
chat.on('connection', (socket) => socket.on('message', (message) => socket.send(`echo: ${message}`)))

server.listen(4000)
