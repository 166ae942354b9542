#!/usr/bin/env bash
# The completions for bash and zsh know the options of --help, and the words
# that the program itself says one may choose.
. "${srcdir:-.}/tests/lib.sh"

"$RESPTAP" --help >"$T/help"
grep -oE -e '--[a-z0-9-]+=?' "$T/help" | sort -u >"$T/options"

# choices OPTION=: prints the words of an option that chooses one, as a message
# names them; nothing for any other option, which --help keeps from starting.
choices() {
	"$RESPTAP" "$1?" --help 2>&1 |
	    sed -n 's/.*: unknown .*; choose //p' | sed 's/, / /g; s/ or / /'
}

# What can be said of zsh's file without a terminal.
zsh=$srcdir/completion/_resptap
is "zsh's options" "$(cat "$T/options")" \
    "$(grep -oE -e '--[a-z0-9-]+=?' "$zsh" | sort -u)"
! command -v zsh >/dev/null || zsh -n "$zsh" || fail 'not a script of zsh'
while IFS= read -r option; do
	words=$(choices "$option")
	[ -n "$words" ] || continue
	if [ "$option" = --show= ]; then
		has "$zsh" "^records=($words)$"
		has "$zsh" '--show=.* - \$records'
	else
		has "$zsh" "$option.*($words)"
	fi
done < <(grep -F '=' "$T/options")

# Bash's, as bash calls it.
library=/usr/share/bash-completion/bash_completion
[ -e "$library" ] || skip 'bash-completion is missing'
set +u		# that is not made for it
. "$library" || skip 'bash-completion does not work here'
. "$srcdir/completion/resptap.bash"

# completed WORD...: prints what the last word may become.  The shell takes a
# word with = apart.
completed() {
	COMP_LINE="resptap $*"
	COMP_POINT=${#COMP_LINE}
	COMP_WORDS=(resptap)
	for word; do
		case $word in
		--*=*)
			COMP_WORDS+=("${word%%=*}" '=' "${word#*=}")
			;;
		*)
			COMP_WORDS+=("$word")
			;;
		esac
	done
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	COMPREPLY=()
	_resptap "$RESPTAP" 2>"$T/complete.err"	# compopt is nowhere else
	echo "${COMPREPLY[@]}"
}

is 'all options' "$(xargs <"$T/options")" \
    "$(completed -- -- | tr ' ' '\n' | sort -u | xargs)"
is 'one option' --utf8 "$(completed --ut)"
is 'the options between' \
    '--color= --command= --compat= --connect-timeout= --count=' \
    "$(completed -q --co | tr ' ' '\n' | sort | xargs)"
is 'no option' '' "$(completed x)"
tried=0
while IFS= read -r option; do
	words=$(choices "$option")
	[ -n "$words" ] || continue
	tried=$((tried + 1))
	is "the words of $option" "$words" "$(completed "$option")"
	is "a word of $option" "${words%% *}" "$(completed "${option%=}" \
	    "${words%% *}")"
done < <(grep -F '=' "$T/options")
[ "$tried" -ge 7 ] || fail "only $tried options choose a word"
is 'the second record' open,reply "$(completed -s open,rep)"
touch "$T/rules"
is 'a file' "$T/rules" "$(completed --answers "$T/rul")"
