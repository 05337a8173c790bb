-- lead: makes a replica the one that delivers transitions, if there is none.
--
-- KEYS[1]  leader
--
-- Arguments: the replica; the duration in ms.
--
-- Returns {1} if it is the leader now, else {0}.

local replica, ms = argument(), argument()
local leader = redis.call('GET', KEYS[1])
if leader and leader ~= replica then return { 0 } end
redis.call('SET', KEYS[1], replica, 'PX', ms)
return { 1 }
