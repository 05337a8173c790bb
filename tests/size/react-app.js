// What an application loads that uses React.
export * from '@headcount/client'
export * from '@headcount/react'
