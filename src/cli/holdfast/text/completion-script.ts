/** Completion for bash and zsh, made from the records of the commands; names come from the server at the time of typing. */
import { optionsOf } from '../command/arguments.ts';
import type { Command } from '../command/command.ts';

export const SHELLS = ['bash', 'zsh'] as const;
export type Shell = (typeof SHELLS)[number];

/** Those at which the user is logged in. */
const HOSTS = '$(holdfast login --quiet 2>/dev/null)';

/** What completes an operand, as shell code that prints words. */
const OPERANDS: Readonly<Record<Command['completes'], (names: string) => string>> = {
  console: () => `$(holdfast \${host:+--host=$host} ps --quiet 2>/dev/null)`,
  command: (names) => names,
  shell: () => SHELLS.join(' '),
  file: () => '',
  token: () => 'create list revoke',
  host: () => HOSTS,
  nothing: () => '',
};

function cases(commands: readonly Command[], line: (name: string, words: string, files: boolean) => string): string {
  const names = commands.map(({ name }) => name).join(' ');
  return commands
    .map((command) => {
      const { name, completes } = command;
      const flags = optionsOf(command)
        .map((option) => `--${option.name}`)
        .join(' ');
      return line(name, `${OPERANDS[completes](names)} ${flags}`.trim(), completes === 'file');
    })
    .join('\n');
}

export function completionScript(shell: Shell, commands: readonly Command[]): string {
  const names = commands.map(({ name }) => name).join(' ');
  if (shell === 'bash') {
    return `# bash completion for holdfast: source <(holdfast completion bash)
_holdfast() {
  local word=\${COMP_WORDS[COMP_CWORD]} at=1 host= words files=
  [ "\${COMP_WORDS[1]}" != --host ] || { host=\${COMP_WORDS[2]}; at=3; }
  if [ "\${COMP_WORDS[COMP_CWORD - 1]}" = --host ]; then
    words="${HOSTS}"
  elif [ "$COMP_CWORD" -le "$at" ]; then
    words="${names} --host"
  else
    case \${COMP_WORDS[at]} in
${cases(commands, (name, words, files) => `      ${name}) words="${words}"${files ? ' files=1' : ''} ;;`)}
    esac
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word"; [ -z "$files" ] || compgen -f -- "$word")
}
complete -F _holdfast holdfast
`;
  }
  return `#compdef holdfast
# zsh completion for holdfast: source <(holdfast completion zsh)
_holdfast() {
  local -a names
  local host= at=2
  [[ $words[2] != --host ]] || { host=$words[3]; at=4; }
  if [[ $words[CURRENT - 1] = --host ]]; then
    compadd -- ${HOSTS}
    return
  fi
  if (( CURRENT == at )); then
    names=(
${commands.map(({ name, summary }) => `      '${name}:${summary.replaceAll("'", "'\\''").replaceAll(':', '\\:')}'`).join('\n')}
    )
    _describe command names
    return
  fi
  case $words[at] in
${cases(commands, (name, words, files) => `    ${name}) compadd -- ${words}${files ? '; _files' : ''} ;;`)}
  esac
}
compdef _holdfast holdfast
`;
}
