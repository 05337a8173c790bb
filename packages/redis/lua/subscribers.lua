-- subscribers: returns which replicas subscribe to their own presence channel, and marks the caller's lease if it does.
--
-- KEYS[1] leases
--
-- Arguments: the replica that asks; the start of the names of presence channels.
--
-- Returns {subscribers of the asking replica's channel, then for each other replica with a lease: its name, the number
-- of its newest commit, subscribers of its channel, 1 if it has ever had one}.

local replica, start = argument(), argument()

local replicas, details, channels, own = {}, {}, { start .. replica }, nil
local leases = redis.call('HGETALL', KEYS[1])
for i = 1, #leases, 2 do
  if leases[i] == replica then
    own = numbers(leases[i + 1], 3)
  else
    replicas[#replicas + 1] = leases[i]
    details[#details + 1] = numbers(leases[i + 1], 3)
    channels[#channels + 1] = start .. leases[i]
  end
end

local count = publish_command == 'SPUBLISH' and 'SHARDNUMSUB' or 'NUMSUB'
local subscribers = {}
-- unpack takes a few thousand values at most.
for first = 1, #channels, 1000 do
  local counts = redis.call('PUBSUB', count, unpack(channels, first, math.min(first + 999, #channels)))
  for i = 2, #counts, 2 do subscribers[#subscribers + 1] = tonumber(counts[i]) end
end

if own and own[1] > 0 and own[3] == 0 and subscribers[1] > 0 then
  redis.call('HSET', KEYS[1], replica, whole(own[1]) .. ' ' .. whole(own[2]) .. ' 1')
end
local answer = { subscribers[1] }
for i, name in ipairs(replicas) do
  answer[#answer + 1] = name
  answer[#answer + 1] = whole(details[i][2])
  answer[#answer + 1] = subscribers[i + 1]
  answer[#answer + 1] = details[i][3]
end
return answer
