-- Compare-and-set of one key, and no rule. A cell is: version (8 bytes), the last three steps (4 bytes each), blob.
-- KEYS[1]: the key. ARGV: version expected ('' if none); to save, also the new version, the step to it, and the blob.
-- Returns 1, or what stands there instead (nothing: nil).
local held = redis.call('GET', KEYS[1])
if (held and string.sub(held, 1, 8) or '') ~= ARGV[1] then
  return held
end
if #ARGV == 1 then
  if not held then
    redis.call('SET', KEYS[1], '')  -- so that replicas have something to acknowledge
  end
  redis.call('DEL', KEYS[1])
  return 1
end
local steps = held and string.sub(held, 9, 16) or '\0\0\0\0\0\0\0\0'
redis.call('SET', KEYS[1], ARGV[2] .. ARGV[3] .. steps .. ARGV[4])
return 1
