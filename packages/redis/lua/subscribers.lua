-- subscribers: returns which replicas subscribe to their own presence channel.
--
-- KEYS[1] leases
--
-- Arguments: the replica that asks; the start of the names of presence channels.
--
-- Returns {subscribers of the asking replica's channel, then for each other replica with a lease: its name, the number
-- of its newest commit, subscribers of its channel}.

local replica, start = argument(), argument()

local replicas, newest, channels = {}, {}, { start .. replica }
local leases = redis.call('HGETALL', KEYS[1])
for i = 1, #leases, 2 do
  if leases[i] ~= replica then
    replicas[#replicas + 1] = leases[i]
    newest[#newest + 1] = numbers(leases[i + 1], 2)[2]
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

local answer = { subscribers[1] }
for i, name in ipairs(replicas) do
  answer[#answer + 1] = name
  answer[#answer + 1] = whole(newest[i])
  answer[#answer + 1] = subscribers[i + 1]
end
return answer
