#!/usr/bin/env bash
# make bench: what resptap costs, beside what others cost, on this machine.
# Run it in the build directory.
#
#     BENCH=quick      less of everything
#     ROWS='A B'       only these parts: sink stub relay conns latency; or
#                      against, which compares with an older resptap
#
# What the rows mean: README.
set -u
export LC_ALL=C

parts='sink stub relay conns latency'
dir=$(dirname "$0")
ROWS=${ROWS:-$parts}

for part in $ROWS; do
	case " $parts against " in
	*" $part "*)	;;
	*)	echo "bench: ROWS=$part: known are $parts against" >&2; exit 2 ;;
	esac
done

bash "$dir/machine.sh" || exit
for part in $ROWS; do
	echo
	bash "$dir/$part.sh" || exit
done
