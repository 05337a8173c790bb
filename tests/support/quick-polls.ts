/** Limits with which a page expires 5 s after it stops polling, even if it leaves its last poll open. */
export const quickPolls = { pollWindow: 2_000, pollMargin: 1_000 }
