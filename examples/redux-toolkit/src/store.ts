import { createClient } from '@headcount/client'
import { countsSlice, headcountMiddleware } from '@headcount/redux'
import { configureStore } from '@reduxjs/toolkit'
import { useDispatch, useSelector } from 'react-redux'

const client = createClient({ url: '/socket' })

export const store = configureStore({
  reducer: { [countsSlice.reducerPath]: countsSlice.reducer },
  middleware: (defaults) => defaults().concat(headcountMiddleware(client)),
})

export const useAppDispatch = useDispatch.withTypes<typeof store.dispatch>()
export const useAppSelector = useSelector.withTypes<ReturnType<typeof store.getState>>()
