# shellcheck shell=bash
# Completion of resptap's options in bash; needs bash-completion.

# _resptap_list WORD...: completes the last of several with commas between.
_resptap_list()
{
	local before=

	[[ $cur != *,* ]] || before=${cur%,*},
	mapfile -t COMPREPLY < <(compgen -P "$before" -W "$*" -- "${cur##*,}")
	compopt -o nospace
}

_resptap()
{
	# shellcheck disable=SC2034 # _init_completion sets them all
	local cur prev words cword split

	_init_completion -s || return
	case $prev in
	--answers|--output|-o|--port-file|--summary)
		_filedir
		return
		;;
	--color)
		mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$cur")
		return
		;;
	--compat)
		mapfile -t COMPREPLY < <(compgen -W 'redis-7.0 redis-7.2
		    redis-7.4 redis-8.0 redis-8.2 redis-8.4 redis-8.6 redis-8.8
		    redis-8.10 valkey-7.2 valkey-8.0 valkey-8.1 valkey-9.0
		    valkey-9.1' -- "$cur")
		return
		;;
	--format|-f)
		mapfile -t COMPREPLY < <(
			compgen -W 'text hex raw json monitor' -- "$cur")
		return
		;;
	--redact)
		mapfile -t COMPREPLY < <(
			compgen -W 'secrets values none' -- "$cur")
		return
		;;
	--reply)
		mapfile -t COMPREPLY < <(compgen -W 'redis ok echo none' -- "$cur")
		return
		;;
	--show|-s)
		_resptap_list open recv send cmd reply push error close \
		    conns bytes messages all
		return
		;;
	--time)
		mapfile -t COMPREPLY < <(
			compgen -W 'clock iso epoch delta none' -- "$cur")
		return
		;;
	--when-slow)
		mapfile -t COMPREPLY < <(compgen -W 'wait drop' -- "$cur")
		return
		;;
	esac
	$split && return
	[[ $cur == -* ]] || return
	# --help is the one list of options.
	mapfile -t COMPREPLY < <(
		compgen -W "$("$1" --help | grep -oE -- '--[a-z0-9-]+=?')" \
		    -- "$cur")
	[[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace
}

complete -F _resptap resptap
