import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [vue()],
  // The page and the socket share an origin, as behind a reverse proxy in production.
  // The client reads /api/counts where WebSockets are blocked.
  server: {
    proxy: { '/socket': { target: 'http://localhost:4000', ws: true }, '/api/counts': 'http://localhost:4000' },
  },
})
