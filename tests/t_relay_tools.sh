#!/usr/bin/env bash
# All of t_redis_tools.sh through a relay to a real Redis.
relay=yes
. "${srcdir:-.}/tests/t_redis_tools.sh"
