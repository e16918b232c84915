// Scalar's mock server is a library; this is the smallest program around it: `node scalar.mjs CONTRACT PORT`.
import { serve } from '@hono/node-server'
import { createMockServer } from '@scalar/mock-server'

const [document, port] = process.argv.slice(2)
const app = await createMockServer({ document })
serve({ fetch: app.fetch, hostname: '127.0.0.1', port: Number(port) })
