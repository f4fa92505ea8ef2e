/** The completion function of a shell: it hands the words to `holdfast completion words` of the installation whose program it completes. */

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** Every word is a candidate; a last line `:KIND TAB BEFORE` names what the shell knows itself, after BEFORE in the same word. */
const BASH = `_holdfast() {
  local program=$(type -P -- "$1") real
  real=$(readlink -f -- "$program")
  if [ "\${real##*/}" != launch ]; then
    # Another program of that name.
    compopt -o bashdefault -o default
    COMPREPLY=()
    return
  fi
  # Bash breaks words at these too.
  local line=\${COMP_LINE:0:COMP_POINT} word words=() at break upto cut=0
  for ((at = 0; at <= COMP_CWORD; at++)); do
    [[ $at -gt 0 && $line != [[:space:]]* ]] || words+=("")
    line=\${line#"\${line%%[![:space:]]*}"}
    word=\${COMP_WORDS[at]}
    [ "$at" -lt "$COMP_CWORD" ] || word=$line
    words[-1]+=$word
    line=\${line#"$word"}
  done
  words=("\${words[@]//[\\"\\'\\\\]/}")
  local typed=\${words[-1]} about found=()
  for break in = : @; do
    upto=\${typed%"\${typed##*"$break"}"}
    [[ $COMP_WORDBREAKS != *"$break"* || \${#upto} -le $cut ]] || cut=\${#upto}
  done
  while IFS=$'\\t' read -r word about; do
    case $word in
      :file) compopt -o filenames; mapfile -t found < <(compgen -f -- "\${typed#"$about"}") ;;
      :folder) compopt -o filenames; mapfile -t found < <(compgen -d -- "\${typed#"$about"}") ;;
      :user) mapfile -t found < <(compgen -u -- "\${typed#"$about"}") ;;
      :program) compopt -o filenames; mapfile -t found < <(compgen -c -A file -- "\${typed#"$about"}" | sort -u) ;;
      *) found+=("$word"); continue ;;
    esac
    found=("\${found[@]/#/"$about"}")
  done < <("\${real%/*}/holdfast" completion words -- "\${1##*/}" "\${words[@]:1}" 2>/dev/null)
  COMPREPLY=("\${found[@]:0}")
  for at in "\${!COMPREPLY[@]}"; do COMPREPLY[at]=\${COMPREPLY[at]:cut}; done
}
`;

const ZSH = `_holdfast() {
  local real=\${\${commands[$words[1]]:-$words[1]}:A} line word about
  local -a told
  if [[ \${real:t} != launch ]]; then
    # Another program of that name.
    _default
    return
  fi
  for line in "\${(@f)$("\${real:h}/holdfast" completion words -- "\${words[1]:t}" "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)}"; do
    word=\${line%%$'\\t'*} about=
    [[ $line != *$'\\t'* ]] || about=\${line#*$'\\t'}
    case $word in
      ('') ;;
      (:*)
        [[ -z $about ]] || compset -P "\${(b)about}"
        case $word in
          (:file) _files ;;
          (:folder) _files -/ ;;
          (:user) _users ;;
          (:program) _alternative 'commands:program:_command_names -e' 'files:file:_files' ;;
        esac ;;
      (*) told+=("\${word//:/\\\\:}\${about:+:$about}") ;;
    esac
  done
  (( \${#told} == 0 )) || _describe 'word' told
}
`;

const FISH = `function __holdfast_words
    set -l typed (commandline -opc)
    set -l now (commandline -ct)
    test -n "$now"; or set now ''
    set -l real (realpath -- (command -s -- $typed[1]) 2>/dev/null)
    if not string match -q '*/launch' -- "$real"
        # Another program of that name.
        __fish_complete_path $now
        return
    end
    set -l holdfast (dirname -- $real)/holdfast
    for line in ($holdfast completion words -- (basename -- $typed[1]) $typed[2..] $now 2>/dev/null)
        set -l parts (string split -m 1 \\t -- $line) ''
        set -l rest (string sub -s (math (string length -- $parts[2]) + 1) -- $now)
        test -n "$rest"; or set rest ''
        switch $parts[1]
            case :file
                string replace -r '^' -- $parts[2] (__fish_complete_path $rest)
            case :folder
                string replace -r '^' -- $parts[2] (__fish_complete_directories $rest)
            case :user
                string replace -r '^' -- $parts[2] (__fish_complete_users)
            case :program
                complete -C "$rest"
                __fish_complete_path $rest
            case '*'
                echo $line
        end
    end
end
`;

/** `programs`: the names that it completes. */
export function completionScript(shell: Shell, programs: readonly string[]): string {
  const names = programs.join(' ');
  switch (shell) {
    case 'bash':
      return `# bash completion of Holdfast: source <(holdfast completion bash)\n${BASH}complete -F _holdfast ${names}\n`;
    case 'zsh':
      return `#compdef ${names}
# zsh completion of Holdfast: source <(holdfast completion zsh)
${ZSH}if [[ $funcstack[1] = _holdfast ]]; then _holdfast "$@"; else compdef _holdfast ${names}; fi
`;
    case 'fish':
      return `# fish completion of Holdfast: holdfast completion fish | source
${FISH}${programs.map((name) => `complete -c ${name} -f -a '(__holdfast_words)'\n`).join('')}`;
  }
}
