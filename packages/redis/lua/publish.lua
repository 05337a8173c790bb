-- publish: says what has moved in topics of one slot and was held back, by whoever has promised to.
--
-- KEYS     topics
-- ARGV[1]  SPUBLISH or PUBLISH
-- ARGV[2]  how many groups
-- ARGV[3]  for how long, in ms, a key outlives whoever should tend it
-- then for each topic: channel, interval (ms)
--
-- Answers for each topic: ms until it must be called again, or -1.

local how, groups, ttl = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local now, micros = clock()
local answer = {}
for k = 1, #KEYS do
  local channel, interval = ARGV[2 * k + 2], tonumber(ARGV[2 * k + 3])
  local topic = open(KEYS[k], groups, {})
  stamp(topic, micros)
  -- The promise of the caller itself is no reason to leave it to another.
  topic.published[3] = 0
  answer[k] = publish(topic, how, channel, interval, now)
  write(topic, interval, ttl, false)
end
return answer
