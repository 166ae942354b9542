#!/usr/bin/env bash
# What the flags of the build are for is in the program.
. "${srcdir:-.}/tests/lib.sh"
need readelf
cflags=" ${RESPTAP_CFLAGS:-} " ldflags=" ${RESPTAP_LDFLAGS:-} "
library=${RESPTAP%/*}/libresptap.a

readelf -W -h -l -d -s "$RESPTAP" >"$T/program"

# where FLAG LIST PATTERN: if the build has the flag, the program has that.
where() {
	case $2 in
	*" $1 "*)
		has "$T/program" "$3"
		checked=$((checked + 1))
		;;
	esac
}

checked=0
where -pie "$ldflags" '^ *Type: *DYN '
where -Wl,-z,relro "$ldflags" 'GNU_RELRO'
where -Wl,-z,now "$ldflags" 'BIND_NOW'
where -Wl,-z,noexecstack "$ldflags" 'GNU_STACK .* RW  '
where -fstack-protector-strong "$cflags" '__stack_chk_fail'
where -D_FORTIFY_SOURCE=3 "$cflags" '_chk@'
where -D_FORTIFY_SOURCE=2 "$cflags" '_chk@'

# The program is marked only if the C library is; each object of ours must be.
case $cflags in
*' -fcf-protection=full '*)
	readelf -W -n "$library" >"$T/notes" 2>/dev/null
	is 'the number of objects marked for IBT and SHSTK' \
	    "$(grep -c '^File: ' "$T/notes")" \
	    "$(grep -c 'feature: IBT, SHSTK' "$T/notes")"
	checked=$((checked + 1))
	;;
esac
[ $checked -gt 0 ] || skip 'the build is not hardened'
