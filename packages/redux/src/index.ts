export { headcountMiddleware } from './middleware.js'
export {
  type CountsState,
  countsSlice,
  selectCounts,
  selectReason,
  selectStatus,
  selectTopic,
  unwatchTopic,
  type Watch,
  type WithCounts,
  watchTopic,
} from './slice.js'
