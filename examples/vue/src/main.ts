import { createClient } from '@headcount/client'
import { headcount } from '@headcount/vue'
import { createApp } from 'vue'
import App from './App.vue'

const client = createClient({ url: '/socket' })

createApp(App).use(headcount(client)).mount('#app')
