import { createClient } from '@headcount/client'
import { HeadcountProvider, useCounts } from '@headcount/react'
import { AppState, Text, View } from 'react-native'
import { visibilityOf } from './visibility'

// The Android emulator reaches this machine at 10.0.2.2.
const client = createClient({ url: 'ws://localhost:4000/socket', count: 'visible', visibility: visibilityOf(AppState) })

function Watching() {
  const { users, viewers } = useCounts('video:42').counts
  return <Text>{`${users.count} users and ${viewers.count} viewers`}</Text>
}

export default function App() {
  return (
    <HeadcountProvider client={client}>
      <View>
        <Watching />
      </View>
    </HeadcountProvider>
  )
}
