#!/usr/bin/env bash
# The sessions of t_clients.sh through a relay to a real Redis.
relay=yes
. "${srcdir:-.}/tests/t_clients.sh"
