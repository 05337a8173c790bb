/** Limits with which a page is gone 5 s after it has stopped to poll, also one that leaves its last poll open. */
export const quickPolls = { pollWindow: 2_000, pollMargin: 1_000 }
