const shapes = {
  play: <path d="M8 5.5v13l10.5-6.5z" fill="currentColor" stroke="none" />,
  pause: <path d="M8.5 5.5v13M15.5 5.5v13" strokeWidth="3.2" />,
  again: <path d="M5 12a7 7 0 1 0 2.3-5.2M5 4v4.2h4.2" />,
  grow: <path d="M9 4.5H4.5V9M15 4.5h4.5V9M9 19.5H4.5V15M15 19.5h4.5V15" />,
  shrink: <path d="M4.5 9H9V4.5M19.5 9H15V4.5M4.5 15H9v4.5M19.5 15H15v4.5" />,
  cut: (
    <path d="M4 4l16 16M8.6 15.4a4.8 4.8 0 0 1 5.2-1.1M5.6 12.2a9.4 9.4 0 0 1 3.6-2.3M18.4 12.2a9.3 9.3 0 0 0-5-2.6M12 18.5h.01" />
  ),
} as const

interface Props {
  readonly name: keyof typeof shapes
  readonly className?: string
}

/** A drawn sign; the words stand beside it or on the button that holds it. */
export function Icon({ name, className }: Props) {
  return (
    <svg
      viewBox="0 0 24 24"
      width="24"
      height="24"
      className={className}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {shapes[name]}
    </svg>
  )
}
