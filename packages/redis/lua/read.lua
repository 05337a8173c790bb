-- read: the totals of topics of one slot.
--
-- KEYS[1]     leases
-- KEYS[2...]  topics
-- ARGV[1]     how many groups
-- ARGV[2]     who asks
-- ARGV[3]     how long, in ms, after its lease a replica is still spared
--
-- Answers {a replica whose lease has lapsed and that still counts here, or '', then for each topic: version, totals}.

local groups = tonumber(ARGV[1])
local now, micros = clock()
local lapsed = ''
local leases = redis.call('HGETALL', KEYS[1])
for i = 1, #leases, 2 do
  if leases[i] ~= ARGV[2] and numbers(leases[i + 1], 2)[1] + tonumber(ARGV[3]) < now then lapsed = leases[i] end
end
local answer = { lapsed }
for k = 2, #KEYS do
  local topic = open(KEYS[k], groups, {})
  answer[#answer + 1] = whole(topic.exists and topic.version or micros)
  answer[#answer + 1] = table.concat(topic.totals, ' ')
end
return answer
