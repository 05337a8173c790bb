import { selectCounts, selectStatus, unwatchTopic, watchTopic } from '@headcount/redux'
import { useEffect } from 'react'
import { useAppDispatch, useAppSelector } from './store'

export function App() {
  const dispatch = useAppDispatch()
  const counts = useAppSelector((state) => selectCounts(state, 'video:42'))
  const status = useAppSelector((state) => selectStatus(state, 'video:42'))
  useEffect(() => {
    dispatch(watchTopic('video:42'))
    return () => {
      dispatch(unwatchTopic('video:42'))
    }
  }, [dispatch])
  return (
    <p data-status={status} translate="no">
      {counts.users.count} users and {counts.viewers.count} viewers
    </p>
  )
}
