# SPDX-License-Identifier: Apache-2.0
# Bash completion of hbr(1).
_hbr() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} verb="" i options words=""
	local common="--site --node --cluster --json --quiet --verbose --color --host-netns --root --state-dir --podman --kubeconfig --help --version"
	local -A own=(
		[check]="--strict" [schema]="" [show]="--output" [render]="--out"
		[plan]="--output --prune --adopt" [apply]="--allow --prune --adopt --dry-run --confirm --force --wait"
		[verify]="--wait" [recover]="--wait" [status]="--output" [remove]="--allow --dry-run --confirm" [undo]="" [confirm]="" [guard]="--pid" [lab]="--name --wait --calico --stack"
		[watch]="--every" [agent]="--allow --every"
	)
	local -A formats=([show]="table json yaml dot svg mermaid" [plan]="text json binary" [status]="text json")

	for ((i = 1; i < COMP_CWORD; i++)); do
		[[ -n ${own[${COMP_WORDS[i]}]+known} ]] && verb=${COMP_WORDS[i]} && break
	done
	COMPREPLY=()
	case $before in
	--site | --out | --root | --state-dir | --podman | --kubeconfig) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
	--color) words="auto always never" ;;
	--allow) words="session traffic pod session,traffic session,traffic,pod" ;;
	-o | --output) words=${formats[$verb]:-} ;;
	--node | --host-netns | --confirm | --wait | --every | --pid | --name) return ;;
	esac
	if [[ -z $words && $word == -* ]]; then
		options=$common
		[[ -n $verb ]] && options+=" ${own[$verb]}"
		words=$options
	elif [[ -z $words ]]; then
		case $verb in
		"") words=${!own[*]} ;;
		render) words="frr crpd crpd-conf modules sysctl link systemd multus calico attachments" ;;
		lab) words="up verify status exec down"
			if [[ $before =~ ^(up|verify|status|down)$ ]]; then
				compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$word"); return
			fi ;;
		check | apply) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
		esac
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -F _hbr hbr
