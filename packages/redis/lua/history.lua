-- history: returns the history of a topic.
--
-- KEYS[1] topic
-- KEYS[2] history
--
-- Arguments: none.
--
-- Returns {the time in ms, the totals of the topic, its state (see topic.lua; '' for none), then each minute}.

local topic = open(KEYS[1], '', {})
local answer = { whole(now), topic and table.concat(topic.totals, ' ') or '', '' }
local record = redis.call('HGETALL', KEYS[2])
for i = 1, #record, 2 do
  if record[i] == 's' then answer[3] = record[i + 1] else answer[#answer + 1] = record[i + 1] end
end
return answer
