#!/usr/bin/env bash
# The head of the table: which machine, which programs.
. "$(dirname "$0")/lib.sh"

# version PROGRAM ARG AWK: one line, or that it is missing
version() {
	if command -v "$1" >/dev/null; then
		"$1" "$2" 2>&1 | awk "$3"
	else
		echo "no $1"
	fi
}

model=$(sed -n '/^model name/{s/.*: //p;q;}' /proc/cpuinfo)
echo "$(./resptap --version 2>&1 | head -n 1)," \
    "$(version redis-server --version '{ sub("v=", ""); print "redis-server", $3 }')," \
    "$(version haproxy -v 'NR == 1 { print "HAProxy", $3 }')," \
    "$(version socat -V '/version/ { print $1, $3; exit }')"
echo "$(date -u +%Y-%m-%d), $(uname -sr), $(nproc) x ${model:-CPU}; $PINNED"
echo "Medians of $RUNS runs, in which the programs took turns.  Ratios are of" \
    "medians."
