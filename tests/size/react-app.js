// The imports of an application that uses React.
export * from '@headcount/client'
export * from '@headcount/react'
