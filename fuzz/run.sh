#!/usr/bin/env bash
# Fuzzes each target with clang's libFuzzer, AddressSanitizer and UBSan, one
# after the other, from its corpus:
#
#     make fuzz [TIME=60] [TARGETS='requests stub']
#
# TIME is in seconds, for each target.  Everything goes into fuzz-build below
# the build directory: the programs, what libFuzzer found new, and inputs that
# failed.  An input that is worth keeping is copied to fuzz/corpus/TARGET/.
#
# Exit status: 0 nothing was found, 1 something was, 77 clang cannot do it.
set -u
export LC_ALL=C

fuzz_dir=$(cd "$(dirname "$0")" && pwd) || exit 1
time=${TIME:-60}
build=$PWD/fuzz-build
clang=${CLANG:-clang}

# missing TEXT: says what there must be, and ends.
missing() {
	echo "make fuzz: $*"
	exit 77
}

# can_fuzz: whether clang finds libFuzzer and the sanitizers' libraries.
can_fuzz() {
	echo '#include <stddef.h>
	int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);
	int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
	{ return (p == NULL || n == 0 ? 0 : 0); }' |
	    "$clang" -fsanitize=fuzzer,address,undefined -x c -o "$build/probe" \
		- 2>"$build/probe.log"
}

command -v "$clang" >/dev/null ||
    missing 'clang is missing; on Debian: apt-get install clang'
mkdir -p "$build" || exit 1
can_fuzz || {
	cat "$build/probe.log"
	missing 'clang has no libFuzzer, or no sanitizers; on Debian:' \
	    'apt-get install libclang-rt-14-dev (of the version of clang)'
}

cd "$build" || exit 1
[ -f Makefile ] || "$fuzz_dir/../configure" -q CC="$clang" CFLAGS='-O1 -g' \
    --enable-werror --with-sanitizer=fuzzer-no-link,address,undefined || exit 1
make -j "$(nproc)" fuzz-programs \
    AM_LDFLAGS=-fsanitize=fuzzer,address,undefined >make.log 2>&1 || {
	cat make.log
	exit 1
}

status=0
for source in "$fuzz_dir"/corpus/*; do
	target=${source##*/}
	case " ${TARGETS:-$target} " in
	*" $target "*)
		;;
	*)
		continue
		;;
	esac
	echo "== $target, $time seconds"
	mkdir -p "found/$target"
	"fuzz/$target" -max_total_time="$time" -timeout=60 -max_len=4096 \
	    -artifact_prefix="failed-$target-" -print_final_stats=1 \
	    "found/$target" "$source" >"$target.log" 2>&1 || {
		echo "$target: failed; see $build/$target.log"
		tail -n 30 "$target.log"
		status=1
	}
	grep -e "number_of_executed_units" "$target.log"
done
exit $status
