import { createHeadcount } from '@headcount/server'
import Fastify from 'fastify'

const fastify = Fastify()

const headcount = createHeadcount({ topics: ['video:*'] })
headcount.attach(fastify.server)
fastify.addHook('onRequest', (request, reply, done) => headcount.handle(request.raw, reply.raw, done))
fastify.addHook('preClose', () => headcount.close())

fastify.get('/', () => 'A Fastify application')

await fastify.listen({ port: 4000 })
